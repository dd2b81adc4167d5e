class ChainReason(str):
    """Why a record cannot take a step, with the record to open to mend it.

    Wherever no link is wanted it is the sentence alone.
    """

    __slots__ = ("record",)

    def __new__(cls, text, record=None):
        """:param record: of one id; none: the blocked record itself"""
        reason = super().__new__(cls, text)
        reason.record = record
        return reason

    def link(self, blocked):
        """:return: the reason as JSON: ``text``, ``model`` and ``id``"""
        record = blocked if self.record is None else self.record
        return {"text": str(self), "model": record._name, "id": record.id}

    @classmethod
    def links(cls, reasons, blocked):
        """:return: :meth:`link` of each reason, be it one of these or a plain text"""
        return [cls(x, getattr(x, "record", None)).link(blocked) for x in reasons]
