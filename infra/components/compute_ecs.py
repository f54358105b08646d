"""The engine as one Fargate task: stopped before its successor starts, or blue/green behind a load balancer.

Never relied on for mutual exclusion: an account has one writer by its lease, whatever ECS runs.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components import container
from infra.components.balancer import Balancer
from infra.components.engine_role import permissions, read_secrets
from infra.components.keys import Keys
from infra.components.network import Network
from infra.components.site import Site, child
from infra.components.state_disk import StateDisk
from infra.components.walls import ENGINE_PORT, Walls

LOG_DAYS = 400


class EcsEngine(pulumi.ComponentResource):
    """Cluster, task, service and what they need."""

    def __init__(self, site: Site, network: Network, walls: Walls, keys: Keys) -> None:
        super().__init__("interlock:compute:EcsEngine", site.names.of("ecs"), None, site.component())
        self._site, self._network, self._walls = site, network, walls
        self._log_group = f"/interlock/{site.environment.environment}/engine"
        aws.cloudwatch.LogGroup(
            site.names.of("engine-log"),
            name=self._log_group,
            retention_in_days=LOG_DAYS,
            kms_key_id=keys.records.arn,
            opts=child(self),
        )
        disk = StateDisk(site, network, walls, keys)
        certificate = site.environment.infrastructure.host.certificate
        balancer = Balancer(site, network, walls, certificate) if certificate is not None else None
        self._service(self._task(disk), balancer)
        self.register_outputs({})

    def _role(self, part: str, *statements: iam.Statement) -> aws.iam.Role:
        names = self._site.names
        role = aws.iam.Role(
            names.of(part),
            name=names.of(part),
            assume_role_policy=iam.trust_service("ecs-tasks.amazonaws.com", account=names.account),
            opts=child(self),
        )
        aws.iam.RolePolicy(
            names.of(f"{part}-may"), role=role.name, policy=iam.document(*statements), opts=child(self)
        )
        return role

    def _task(self, disk: StateDisk) -> aws.ecs.TaskDefinition:
        site, names = self._site, self._site.names
        starter = self._role(
            "starter",
            *read_secrets(site),
            iam.allow(
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                [names.arn("logs", f"log-group:{self._log_group}:*")],
            ),
            iam.allow(
                ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                [names.arn("ecr", "repository/interlock")],
            ),
        )
        engine = self._role("engine", *permissions(site, self._log_group))
        return aws.ecs.TaskDefinition(
            names.of("engine-task"),
            family=names.of("engine"),
            cpu=str(_fargate_cpu(site.environment.service.cpu_milli)),
            memory=str(max(site.environment.service.memory_mib, 512)),
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            execution_role_arn=starter.arn,
            task_role_arn=engine.arn,
            container_definitions=container.definition(site.environment, names, self._log_group),
            volumes=[disk.volume()],
            opts=child(self),
        )

    def _service(self, task: aws.ecs.TaskDefinition, balancer: Balancer | None) -> None:
        names = self._site.names
        cluster = aws.ecs.Cluster(
            names.of("cluster"),
            name=names.of("cluster"),
            settings=[aws.ecs.ClusterSettingArgs(name="containerInsights", value="enhanced")],
            opts=child(self),
        )
        blue_green = (
            balancer is not None and self._site.environment.infrastructure.host.deployment == "blue_green"
        )
        waits_for = [] if balancer is None else [balancer.rule]
        aws.ecs.Service(
            names.of("service"),
            name=names.of("engine"),
            cluster=cluster.arn,
            task_definition=task.arn,
            desired_count=self._site.environment.service.replicas,
            launch_type="FARGATE",
            enable_execute_command=False,
            deployment_minimum_healthy_percent=100 if blue_green else 0,
            deployment_maximum_percent=200 if blue_green else 100,
            deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(
                enable=True, rollback=True
            ),
            deployment_configuration=aws.ecs.ServiceDeploymentConfigurationArgs(
                strategy="BLUE_GREEN" if blue_green else "ROLLING",
                bake_time_in_minutes="15" if blue_green else None,
            ),
            network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
                subnets=self._network.private_subnet_ids,
                security_groups=[self._walls.engine.id],
                assign_public_ip=False,
            ),
            load_balancers=[] if balancer is None else [balancer.target(ENGINE_PORT, blue_green=blue_green)],
            health_check_grace_period_seconds=None if balancer is None else 120,
            propagate_tags="SERVICE",
            wait_for_steady_state=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=waits_for),
        )


def _fargate_cpu(cpu_milli: int) -> int:
    """The smallest size Fargate offers that is not less than asked for."""
    wanted = cpu_milli * 1024 // 1000
    return next((size for size in (256, 512, 1024, 2048, 4096, 8192) if size >= wanted), 16384)
