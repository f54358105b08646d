"""Which dangerous versions of planned properties no rule refuses, each with the reason why none needs to.

A pattern is `TYPE PATH KINDS`: the type's last part, the property, and kinds of mutants with a bar between (`*`: all).
A pattern that covers no survivor is refused like a survivor without a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

REASONS: Mapping[str, tuple[str, ...]] = {
    "names another resource of this program: known only when that one is made, and AWS refuses one that is not there": (
        "* *Arn unknown|other",
        "* *Arn removed",
        "* *Id unknown|other",
        "* *Id removed",
        "* arn removed|unknown|other",
        "* *Ids unknown",
        "* *Ids.* removed|unknown|other",
        "* *securityGroups unknown",
        "* *securityGroups.* unknown|other",
        "* *subnets.* removed|unknown|other",
        "* *subnets unknown",
        "* *GroupName unknown|other",
        "* *[aA]ctions unknown",
        "* *[aA]ctions.* unknown",
        "* snsTopicArns* unknown|removed",
        "* topic unknown",
        "* *.targetVaultName *",
        "* backupVaultName *",
        "* iamInstanceProfile *",
        "* permissionsBoundary unknown|other",
        "* role *",
        "* rule *",
        "* cluster *",
        "* taskDefinition *",
        "VpcEndpoint *TableIds* removed|unknown|emptied|other",
        "VpcEndpoint subnetIds removed|unknown|emptied",
        "SubnetGroup subnetIds removed|unknown|emptied",
        "Service loadBalancers.* *",
        "ListenerRule *targetGroups* *",
        "CompositeAlarm alarmRule unknown",
        "EventTarget arn unknown",
        "Service *productionListenerRule *",
        "ReplicationGroup authTokenWo unknown",
        "TaskDefinition *authorizationConfig.iam *",
    ),
    "a name or a sentence for people; what it stands for does not change": (
        "* name *",
        "* alarmName *",
        "* configurationName *",
        "* family *",
        "* identifier *",
        "* dbName *",
        "* username *",
        "* namePrefix *",
        "* description *",
        "* alarmDescription *",
        "* *ruleName *",
        "* finalSnapshotIdentifier other",
        "* tags.Name *",
        "* tags.* unknown|other",
        "* slack*Id *",
        "* *endpoint *",
        "* *functionName *",
        "ReplicationGroup engine *",
        "Instance engine *",
    ),
    "the safer side, or as safe: more days, more copies, fewer engines, an earlier alarm": (
        "* *deleteAfter tenfold|halved",
        "* *RetentionDays tenfold",
        "* changeableForDays tenfold",
        "* deletionWindowInDays tenfold|halved",
        "* rotationPeriodInDays halved",
        "* *automaticallyAfterDays halved",
        "* retentionInDays removed|nothing|tenfold|halved",
        "* recoveryWindowInDays removed|tenfold|halved",
        "* backupRetentionPeriod tenfold",
        "* snapshotRetentionLimit tenfold",
        "* numCacheClusters tenfold",
        "* desiredCount nothing|halved",
        "* deploymentMaximumPercent halved",
        "* maxSessionDuration removed|halved",
        "* threshold nothing|halved",
        "* posixUser.* tenfold|halved",
        "LoadBalancer internal *",
        "VpcSecurityGroupRulesExclusive *RuleIds removed|emptied",
        "TargetGroup port *",
    ),
    "without it AWS takes the safe value": (
        "Vault forceDestroy removed",
        "Service enableExecuteCommand removed",
        "MetricAlarm actionsEnabled removed",
        "Service deploymentConfiguration* removed|emptied",
    ),
    "refused in production; staging holds no money and may wait for its zone": (
        "ReplicationGroup automaticFailoverEnabled *",
        "ReplicationGroup multiAzEnabled *",
        "ReplicationGroup numCacheClusters *",
        "Instance multiAz *",
    ),
    "judged as a fact of config before anything is planned (INF005, INF008, INF011, INF014, INF017-INF019)": (
        "Vpc cidrBlock *",
        "Subnet cidrBlock *",
        "Subnet availabilityZone *",
        "Instance instanceClass *",
        "Instance instanceType *",
        "ReplicationGroup nodeType *",
        "Instance engineVersion *",
        "ReplicationGroup engineVersion *",
        "Instance allocatedStorage *",
        "Instance maxAllocatedStorage *",
        "Instance *volumeSize *",
        "Instance port *",
        "ReplicationGroup port *",
        "Instance ami *",
        "Listener certificateArn *",
    ),
    "without it names do not resolve or nothing starts: no way in is opened": (
        "Vpc enableDns* *",
        "VpcEndpoint privateDnsEnabled *",
        "VpcEndpoint serviceName *",
        "VpcEndpoint vpcEndpointType *",
        "Eip domain *",
        "Route destinationCidrBlock *",
        "TaskDefinition cpu *",
        "TaskDefinition memory *",
        "TaskDefinition requiresCompatibilities* *",
        "TaskDefinition volumes removed|unknown|emptied",
        "TaskDefinition volumes.*.name *",
        "TaskDefinition containerDefinitions.command.* *",
        "TaskDefinition containerDefinitions.name *",
        "TaskDefinition containerDefinitions.healthCheck.* *",
        "TaskDefinition containerDefinitions.mountPoints.* *",
        "TaskDefinition containerDefinitions.portMappings.* *",
        "TaskDefinition containerDefinitions.secrets.*.name *",
        "TaskDefinition containerDefinitions.essential removed",
        "TaskDefinition containerDefinitions.privileged removed",
        "TaskDefinition containerDefinitions.user other",
        "AccessPoint rootDirectory.* *",
        "CloudFormationStack capabilities* *",
        "CloudFormationStack parameters* *",
        "CloudFormationStack semanticVersion *",
        "Service loadBalancers *",
        "Service deploymentMinimumHealthyPercent *",
        "Service healthCheckGracePeriodSeconds *",
        "Service *bakeTimeInMinutes *",
        "TargetGroup healthCheck* *",
        "TargetGroup protocol *",
        "TargetGroup targetType *",
        "TargetGroup deregistrationDelay *",
        "ListenerRule actions* *",
        "ListenerRule conditions* *",
        "ListenerRule priority *",
        "Listener defaultActions* *",
        "LoadBalancer loadBalancerType *",
    ),
    "costs money, time or comfort, opens and loses nothing": (
        "Instance monitoring *",
        "Instance userDataReplaceOnChange *",
        "Instance *volumeType *",
        "Instance storageType *",
        "Instance metadataOptions.httpEndpoint *",
        "Instance copyTagsToSnapshot *",
        "Instance performanceInsightsEnabled *",
        "Instance databaseInsightsMode *",
        "Instance enabledCloudwatchLogsExports* *",
        "* applyImmediately *",
        "* autoMinorVersionUpgrade *",
        "ReplicationGroup authTokenUpdateStrategy *",
        "ReplicationGroup authTokenWoVersion *",
        "Service waitForSteadyState *",
        "Cluster settings* *",
        "TaskDefinition containerDefinitions.logConfiguration* *",
        "TaskDefinition containerDefinitions.stopTimeout *",
        "TaskDefinition containerDefinitions.linuxParameters.initProcessEnabled *",
        "ParameterGroup parameters.*.applyMethod *",
        "ParameterGroup parameters.* removed|unknown|other",
        "Plan rules.*.completionWindow *",
        "Plan rules.*.startWindow *",
        "Plan rules.*.scheduleExpressionTimezone *",
        "LoadBalancer dropInvalidHeaderFields *",
        "LoadBalancer enableDeletionProtection *",
        "TopicSubscription endpointAutoConfirms *",
        "aws skip* *",
    ),
}


def uncovered(survivors: Iterable[tuple[str, str, str]]) -> tuple[list[str], list[str]]:
    """Survivors (type, path, kind) without a reason, and reasons without a survivor."""
    patterns = [pattern for listed in REASONS.values() for pattern in listed]
    bare, used = [], set[str]()
    for type_, path, kind in survivors:
        covering = {pattern for pattern in patterns if covers(pattern, type_, path, kind)}
        used |= covering
        if not covering:
            bare.append(f"{type_.rpartition(':')[2]} {path} {kind}")
    return sorted(set(bare)), [pattern for pattern in patterns if pattern not in used]


def covers(pattern: str, type_: str, path: str, kind: str) -> bool:
    """Whether a reason speaks of this mutant."""
    of_type, of_path, of_kinds = pattern.split()
    return (
        fnmatchcase(type_.rpartition(":")[2], of_type)
        and fnmatchcase(path, of_path)
        and (of_kinds == "*" or kind in of_kinds.split("|"))
    )
