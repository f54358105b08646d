"""Each alert written out for Prometheus and Alertmanager; CloudWatch's side is `components/alerts`."""

from infra.monitoring.rendered import rendered

__all__ = ["rendered"]
