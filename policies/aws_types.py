"""Which types of AWS resources the rules know: judged ones, and ones that need no rule, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

from policies import planned

JUDGED = frozenset(
    {
        *(word for key, word in vars(planned).items() if key.isupper() and isinstance(word, str)),
        *planned.POLICIES,
    }
)
"""Every type that has a name in planned.py; a test holds that some rule reads each of them."""
HARMLESS: Mapping[str, str] = {
    "aws:ec2/vpc:Vpc": "a network lets nothing in by itself; its addresses are judged as facts (INF011)",
    "aws:ec2/eip:Eip": "an address of a gateway that lets nothing in",
    "aws:ec2/internetGateway:InternetGateway": "reaches only what has a public address, and that is judged",
    "aws:ec2/natGateway:NatGateway": "a way out only",
    "aws:ec2/route:Route": "a way without a group's rule leads nowhere",
    "aws:ec2/routeTable:RouteTable": "a way without a group's rule leads nowhere",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "a way without a group's rule leads nowhere",
    "aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive": "lists a group's rules, which are judged",
    "aws:ecs/cluster:Cluster": "a name for its services, which are judged",
    "aws:elasticache/subnetGroup:SubnetGroup": "names subnets, which are judged",
    "aws:rds/subnetGroup:SubnetGroup": "names subnets, which are judged",
    "aws:iam/instanceProfile:InstanceProfile": "hands a role on, which is judged",
    "aws:kms/alias:Alias": "another name of a key, which is judged",
    "aws:lb/listenerRule:ListenerRule": "behind a listener, which is judged",
    "aws:lb/targetGroup:TargetGroup": "inside the network, behind a listener, which is judged",
}
