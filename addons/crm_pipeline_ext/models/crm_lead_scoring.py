import logging
import random
import time
from functools import partial

from odoo import SUPERUSER_ID, api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..batch import batch_of

_logger = logging.getLogger(__name__)

TRIES = 6


class CrmLead(models.Model):
    """What documents win is counted by core's lead scoring after the commit.

    All sales share its counters. A run that held them for as long as its chunk takes
    would keep everybody else from winning, and be thrown back by whoever did.
    """

    _inherit = "crm.lead"

    def _pls_increment_frequencies(self, from_state=None, to_state=None):
        if not (self and to_state and batch_of(self.env)):
            return super()._pls_increment_frequencies(from_state, to_state)
        registry, ids = self.env.registry, self.ids
        self.env.cr.postcommit.add(partial(_count, registry, ids, to_state))


def _count(registry, lead_ids, state):
    """Count these leads in a transaction of its own, again if others do so too."""
    for attempt in range(TRIES):
        try:
            with registry.cursor() as cr:
                leads = api.Environment(cr, SUPERUSER_ID, {})["crm.lead"]
                leads = leads.browse(lead_ids).exists()
                leads._pls_increment_frequencies(to_state=state)
            return
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            time.sleep(random.uniform(0, 0.05 * 2**attempt))
    _logger.warning("Lead scoring has not counted the leads %s as %s", lead_ids, state)
