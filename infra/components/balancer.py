"""The way in for signals: TLS at the edge, two target groups so that a release can be tried before it counts."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.network import Network
from infra.components.site import Site, child
from infra.components.walls import ENGINE_PORT, Walls

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
ECS_MAY_SHIFT = "arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers"


class Balancer(pulumi.ComponentResource):
    """Load balancer, listener, rule and the blue and green target groups."""

    def __init__(self, site: Site, network: Network, walls: Walls, certificate: str) -> None:
        super().__init__("interlock:compute:Balancer", site.names.of("balancer-tier"), None, site.component())
        self._site = site
        self._blue, self._green = self._targets("blue", network), self._targets("green", network)
        self.rule = self._rule(self._listener(network, walls, certificate))
        self._shifter = self._role()
        self.register_outputs({})

    def _targets(self, colour: str, network: Network) -> aws.lb.TargetGroup:
        return aws.lb.TargetGroup(
            self._site.names.of(f"targets-{colour}"),
            name_prefix=f"il-{colour[:2]}-",
            port=ENGINE_PORT,
            protocol="HTTP",
            target_type="ip",
            vpc_id=network.vpc_id,
            deregistration_delay=30,
            health_check=aws.lb.TargetGroupHealthCheckArgs(path="/healthz", interval=10, matcher="200"),
            opts=child(self),
        )

    def _listener(self, network: Network, walls: Walls, certificate: str) -> aws.lb.Listener:
        names = self._site.names
        balancer = aws.lb.LoadBalancer(
            names.of("balancer"),
            name=f"interlock-{self._site.environment.environment}",  # 32 letters at most: no random ones after it
            load_balancer_type="application",
            internal=False,
            subnets=network.public_subnet_ids,
            security_groups=[walls.open_to_signals().id],
            drop_invalid_header_fields=True,
            enable_deletion_protection=self._site.holds_records,
            opts=child(self),
        )
        return aws.lb.Listener(
            names.of("listener"),
            load_balancer_arn=balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=certificate,
            default_actions=[
                aws.lb.ListenerDefaultActionArgs(
                    type="fixed-response",
                    fixed_response=aws.lb.ListenerDefaultActionFixedResponseArgs(
                        content_type="text/plain", status_code="404"
                    ),
                )
            ],
            opts=child(self),
        )

    def _rule(self, listener: aws.lb.Listener) -> aws.lb.ListenerRule:
        """ECS moves the weights while it shifts, so they are its own after creation."""
        forward = aws.lb.ListenerRuleActionForwardArgs(
            target_groups=[
                aws.lb.ListenerRuleActionForwardTargetGroupArgs(arn=self._blue.arn, weight=100),
                aws.lb.ListenerRuleActionForwardTargetGroupArgs(arn=self._green.arn, weight=0),
            ]
        )
        return aws.lb.ListenerRule(
            self._site.names.of("rule"),
            listener_arn=listener.arn,
            priority=10,
            actions=[aws.lb.ListenerRuleActionArgs(type="forward", forward=forward)],
            conditions=[
                aws.lb.ListenerRuleConditionArgs(
                    path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=["/*"])
                )
            ],
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["actions"]),
        )

    def _role(self) -> aws.iam.Role:
        names = self._site.names
        role = aws.iam.Role(
            names.of("shifter"),
            name=names.of("shifter"),
            assume_role_policy=iam.trust_service("ecs.amazonaws.com", account=names.account),
            opts=child(self),
        )
        aws.iam.RolePolicyAttachment(
            names.of("shifter-may"), role=role.name, policy_arn=ECS_MAY_SHIFT, opts=child(self)
        )
        return role

    def target(self, port: int, *, blue_green: bool) -> aws.ecs.ServiceLoadBalancerArgs:
        """How the service joins: with both colours, or with blue alone."""
        shift = aws.ecs.ServiceLoadBalancerAdvancedConfigurationArgs(
            alternate_target_group_arn=self._green.arn,
            production_listener_rule=self.rule.arn,
            role_arn=self._shifter.arn,
        )
        return aws.ecs.ServiceLoadBalancerArgs(
            target_group_arn=self._blue.arn,
            container_name="engine",
            container_port=port,
            advanced_configuration=shift if blue_green else None,
        )
