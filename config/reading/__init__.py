"""Bytes become the desired state, or a refusal with every reason; the only importer of a YAML library.

Never lets an exception out: whatever happens inside is a finding.
"""

from config.document import Document
from config.reading.load import load
from config.reading.read import read_document

__all__ = ["Document", "load", "read_document"]
