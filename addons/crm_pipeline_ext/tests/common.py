from contextlib import contextmanager

from odoo.tests import TransactionCase, new_test_user


class ChainCase(TransactionCase):
    """Leads of one salesperson, without demo data."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.salesperson = new_test_user(
            cls.env,
            login="chain_sales",
            groups=cls.salesperson_groups(),
        )
        cls.colleague = new_test_user(
            cls.env,
            login="chain_colleague",
            groups=cls.salesperson_groups(),
        )
        cls.Lead = cls.env["crm.lead"].with_user(cls.salesperson)

        # test_lost.py is of the setting
        cls.require_lost_reason(False)

    @classmethod
    def require_lost_reason(cls, required):
        param = "crm_pipeline_ext.lost_reason_required"
        cls.env["ir.config_parameter"].set_param(param, required)

    @classmethod
    def salesperson_groups(cls):
        return "sales_team.group_sale_salesman,base.group_partner_manager"

    @classmethod
    def make_leads(cls, *vals_list, **common):
        """:return: leads of the salesperson, as he sees them"""
        defaults = {"type": "lead", "user_id": cls.salesperson.id, **common}
        return cls.Lead.create(
            [
                {"name": f"Enquiry {number}", **defaults, **vals}
                for number, vals in enumerate(vals_list, 1)
            ]
        )

    def lose(self, leads, **vals):
        """Mark ``leads`` as lost, for a reason."""
        reason = self.env["crm.lost.reason"].create({"name": "Too slow"})
        leads.action_set_lost(**{"lost_reason_id": reason.id, **vals})

    @contextmanager
    def own_transaction(self, records):
        """``records`` in a transaction that is committed chunk by chunk, as on a
        server.
        """
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            yield records.with_env(records.env(cr=cr))

    def start(self, run):
        with self.own_transaction(run) as running:
            running.action_start()

    def work_off(self, run):
        """What the scheduled action does."""
        with self.own_transaction(run.sudo()) as running:
            running._process()

    @classmethod
    def make_run(cls, records, **vals):
        lines = [(0, 0, {"res_id": record_id}) for record_id in records.ids]
        runs = records.env["crm.chain.run"]
        return runs.create({"res_model": records._name, "line_ids": lines, **vals})
