import logging
from collections import Counter
from functools import partial

from psycopg2 import OperationalError

from odoo import api, models

from odoo.addons.crm_pipeline_ext.batch import batch_of

_logger = logging.getLogger(__name__)


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _increase_rank(self, field, n=1):
        """Core counts up the invoices of each customer on its own; a step of the chain
        those of all customers at once, in :meth:`_chain_raise_ranks`.
        """
        batch = batch_of(self.env)
        if not batch:
            return super()._increase_rank(field, n=n)
        batch.once(("rank", field), Counter).update(dict.fromkeys(self.ids, n))
        return None

    @api.model
    def _chain_raise_ranks(self):
        """As core: a customer's first invoice is counted at once, since lists of
        customers filter by it; more after the commit, since others count them too.
        """
        batch = batch_of(self.env)
        for field in ("customer_rank", "supplier_rank"):
            if counts := batch and batch.known.pop(("rank", field), None):
                partners = self.sudo().browse(counts)
                known = partners.filtered(field)
                (partners - known)._chain_add_to_rank(field, counts)
                if known:
                    later = partial(known._chain_add_to_rank_later, field, counts)
                    self.env.cr.postcommit.add(later)

    def _chain_add_to_rank(self, field, counts):
        ranks = self.grouped(lambda partner: partner[field] + counts[partner.id])
        for rank, partners in ranks.items():
            partners[field] = rank

    def _chain_add_to_rank_later(self, field, counts):
        try:
            with self.env.registry.cursor() as cr:
                self.with_env(self.env(cr=cr))._chain_add_to_rank(field, counts)
        except OperationalError:
            _logger.debug("Cannot update partner ranks.")
