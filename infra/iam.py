"""IAM documents as plain values: no wildcard action, no wildcard resource where AWS can name one.

Never asks AWS for a document: offline and real previews see the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from infra.naming import Names

VERSION = "2012-10-17"
OIDC_HOST = "token.actions.githubusercontent.com"

Statement = Mapping[str, Any]


def document(*statements: Statement) -> str:
    """The text of a policy document, byte-stable."""
    return json.dumps(
        {"Version": VERSION, "Statement": list(statements)}, sort_keys=True, separators=(",", ":")
    )


def allow(
    actions: Sequence[str], resources: Sequence[str], conditions: Mapping[str, Any] | None = None
) -> Statement:
    """One permission on named resources."""
    statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    return {**statement, "Condition": dict(conditions)} if conditions else statement


def deny(actions: Sequence[str], resources: Sequence[str]) -> Statement:
    """One prohibition that no other permission undoes."""
    return {"Effect": "Deny", "Action": list(actions), "Resource": list(resources)}


MOST_LETTERS = 6144  # of a managed policy, spaces not counted


def packed(statements: Sequence[Statement]) -> list[list[Statement]]:
    """The statements in as few documents as AWS takes their length for."""
    documents: list[list[Statement]] = [[]]
    for statement in statements:
        if documents[-1] and len(document(*documents[-1], statement)) > MOST_LETTERS:
            documents.append([])
        documents[-1].append(statement)
    return documents


def trust_service(*services: str, account: str) -> str:
    """Who may take a role: AWS services, acting for this account only."""
    return document(
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": list(services)},
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        }
    )


def trust_machine() -> str:
    """EC2 gives a machine its role; it states no source account."""
    return document(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ["ec2.amazonaws.com"]}}
    )


def trust_job(names: Names, repository: str, subject: str) -> str:
    """A CI job of this repository, in exactly this context."""
    return document(
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {
                "Federated": names.arn("iam", f"oidc-provider/{OIDC_HOST}", is_global=True),
            },
            "Condition": {
                "StringEquals": {
                    f"{OIDC_HOST}:aud": "sts.amazonaws.com",
                    f"{OIDC_HOST}:sub": f"repo:{repository}:{subject}",
                }
            },
        }
    )


def key_policy(names: Names, services: Sequence[str], condition: Mapping[str, Any]) -> str:
    """A key its account administers and these services may use, for what `condition` names.

    In a key policy `*` means the key itself.
    """
    administer = {
        "Effect": "Allow",
        "Principal": {"AWS": names.arn("iam", "root", is_global=True)},
        "Action": [
            "kms:CancelKeyDeletion",
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:DisableKey",
            "kms:EnableKey",
            "kms:EnableKeyRotation",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GetKeyPolicy",
            "kms:GetKeyRotationStatus",
            "kms:ListResourceTags",
            "kms:PutKeyPolicy",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
            "kms:ScheduleKeyDeletion",
            "kms:TagResource",
            "kms:UntagResource",
            "kms:UpdateKeyDescription",
        ],
        "Resource": "*",
    }
    use = {
        "Effect": "Allow",
        "Principal": {"Service": list(services)},
        "Action": ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
        "Resource": "*",
        "Condition": dict(condition),
    }
    return document(administer, use)
