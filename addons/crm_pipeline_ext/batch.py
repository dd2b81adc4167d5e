"""What one step of the sale chain does for all its records at once."""

CONTEXT_KEY = "chain_batch"
OUTBOX_KEY = "chain_outbox"


class Batch:
    """A step under way, kept in the context of what it calls.

    Overrides of core look for it with :func:`batch_of` and do in one go what core
    does record by record. Everybody else's calls have none: a request can put texts
    and numbers into the context, but no such object.
    """

    def __init__(self):
        self.posts = []  # pairs of a record and the arguments of its `message_post`
        self.notes = []  # pairs of a record and the values of a note nobody is told of
        self.followers = {}  # ids of new followers' documents by what they follow
        self.known = {}  # answers that hold for the whole step

    def once(self, key, question):
        """:return: the answer to ``question``, asked once a step"""
        if key not in self.known:
            self.known[key] = question()
        return self.known[key]

    def rounds(self):
        """Yield ``{record: arguments}``, all of one model, each record once."""
        while self.posts:
            now, later = {}, []
            model = self.posts[0][0]._name
            for record, arguments in self.posts:
                if record._name == model and record not in now:
                    now[record] = arguments
                else:
                    later.append((record, arguments))
            self.posts = later
            yield now


def batch_of(env):
    """:return: the :class:`Batch` of the step that calls, or None"""
    batch = env.context.get(CONTEXT_KEY)
    return batch if isinstance(batch, Batch) else None


def collector_of(env):
    """:return: the :class:`Batch` that collects what is added, or None"""
    return batch_of(env) if env.context.get(OUTBOX_KEY) else None


def collecting(records):
    """Have the messages and followers a call adds made together when it is over.

    Only for calls that do not use what they add.

    :return: ``records``, to make the call on
    """
    if not batch_of(records.env) or not records.env.user._is_internal():
        return records
    return records.with_context(**{OUTBOX_KEY: True})
