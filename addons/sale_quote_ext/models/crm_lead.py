from odoo import api, fields, models
from odoo.fields import Command

from odoo.addons.crm_pipeline_ext.models.chain_reason import ChainReason


class CrmLead(models.Model):
    _inherit = "crm.lead"

    line_ids = fields.One2many(
        comodel_name="crm.lead.line",
        inverse_name="lead_id",
        string="Products",
        copy=True,
    )
    sale_order_template_id = fields.Many2one(
        comodel_name="sale.order.template",
        string="Quotation Template",
        check_company=True,
        help="Gives the quotation its terms, and its lines where the opportunity "
        "has none of its own.",
    )
    chain_step = fields.Selection(
        selection_add=[
            ("quotation", "Quotation"),
            ("send", "Quotation Sent"),
            ("order", "Ordered"),
        ],
        ondelete={
            "quotation": "set opportunity",
            "send": "set opportunity",
            "order": "set opportunity",
        },
    )

    @api.depends("order_ids.state")
    def _compute_chain_step(self):
        super()._compute_chain_step()

    @api.model
    def _sql_error_to_message(self, exc):
        """An import that brings leads with their lines asks the lead alone what is
        wrong, and would show the text of PostgreSQL for what is wrong with a line.
        """
        line = self.env["crm.lead.line"]
        if exc.diag.table_name == line._table:
            return line._sql_error_to_message(exc)
        return super()._sql_error_to_message(exc)

    def _merge_get_fields_specific(self):
        return {
            **super()._merge_get_fields_specific(),
            "line_ids": lambda _fname, leads: leads._merge_lines(),
        }

    def _merge_lines(self):
        """The lines a merged lead keeps: its own, and those of the others for
        products it does not have yet. The same enquiry sent twice stays one.

        :return: commands for ``line_ids``
        """
        head = self[0]
        kept = {(line.product_id, line.product_uom_id) for line in head.line_ids}
        commands = [Command.link(line.id) for line in head.line_ids]
        for line in self[1:].line_ids:
            if (line.product_id, line.product_uom_id) not in kept:
                kept.add((line.product_id, line.product_uom_id))
                commands.append(Command.link(line.id))
        return commands

    # Step: quotation

    def _chain_quotation_needed(self):
        return self - self._chain_orders().opportunity_id

    def _chain_quotation_blockers(self):
        blockers = self._chain_lost_blockers()
        may_create = self.env["sale.order"].has_access("create")
        for lead in self:
            blockers[lead.id] += lead._chain_customer_reasons()
            blockers[lead.id] += lead._chain_product_reasons()
            if not may_create:
                blockers[lead.id].append(
                    self.env._("You may not create quotations. Ask a salesperson.")
                )
        return blockers

    def _chain_quotation_foreseen(self):
        """:return: what is wrong with the products; the customer is still to come"""
        return {lead.id: lead._chain_product_reasons() for lead in self}

    def _chain_send_foreseen(self):
        found = {lead.id: self.env["sale.order"]._chain_pdf_reasons() for lead in self}
        for lead in self:
            if not (lead.email_normalized or lead.partner_id.email):
                found[lead.id].append(
                    self.env._("It has no e-mail address to send to. Add one.")
                )
        return found

    def _chain_customer_reasons(self):
        self.ensure_one()
        if not self.partner_id:
            return [self.env._("It has no customer. Convert it to an opportunity.")]
        if not self.partner_id.active:
            return [
                ChainReason(
                    self.env._(
                        "Its customer %(customer)s is archived. Restore him or choose "
                        "another.",
                        customer=self.partner_id.display_name,
                    ),
                    self.partner_id,
                )
            ]
        return []

    def _chain_product_reasons(self):
        self.ensure_one()
        values = self._prepare_quotation_line_vals()
        ids = [vals["product_id"] for vals in values if vals.get("product_id")]
        products = self.env["product.product"].browse(ids)
        if not products:
            return [
                self.env._("It has no products. Add some or choose a template.")
            ]
        return [
            ChainReason(
                self.env._(
                    "Product %(product)s is archived or not for sale. Replace it.",
                    product=product.display_name,
                ),
                product,
            )
            for product in products
            if not (product.active and product.sale_ok)
        ]

    def _chain_quotation_do(self):
        self.env["sale.order"].create([x._prepare_quotation_vals() for x in self])

    def _prepare_quotation_vals(self):
        """The values of this opportunity's quotation: what core puts on the form
        of a new one, plus the lines.
        """
        self.ensure_one()
        context = self._prepare_opportunity_quotation_context()
        vals = {key.removeprefix("default_"): val for key, val in context.items()}
        if template := self._chain_template():
            vals["sale_order_template_id"] = template.id
        lines = self._prepare_quotation_line_vals()
        return {**vals, "order_line": [Command.create(line) for line in lines]}

    def _prepare_quotation_line_vals(self):
        """:return: the values of the quotation's lines: the opportunity's own, else
        those of its template, else those of the company's
        """
        self.ensure_one()
        if self.line_ids:
            return [line._prepare_order_line_vals() for line in self.line_ids]
        company = self.company_id or self.env.company
        template = self._chain_template() or company.sale_order_template_id
        template = template.with_context(lang=self.partner_id.lang)
        return [
            line._prepare_order_line_values()
            for line in template.sale_order_template_line_ids
        ]

    def _chain_template(self):
        """:return: the template of one opportunity: its own, else its policy's"""
        policy = self._chain_policy()
        return self.sale_order_template_id or policy.sale_order_template_id.sudo(False)

    # Steps of the order, taken from the opportunity

    def _chain_orders(self):
        """:return: what the order's steps work on: the confirmed orders of each
        opportunity, or its open quotations as long as there are none
        """
        orders = self.order_ids.filtered(lambda order: order.state != "cancel")
        confirmed = orders.filtered(lambda order: order.state == "sale")
        done = confirmed.opportunity_id
        return orders.filtered(lambda x: x in confirmed or x.opportunity_id not in done)

    def _chain_orders_needing(self, step):
        """The orders as superuser: a lead's step must not depend on who looks."""
        orders = self.sudo()._chain_orders().with_env(self.env)
        return orders._chain_needed(step)

    @api.model
    def _chain_can(self, step):
        return super()._chain_can(step) or self._chain_is_of_order(step)

    @api.model
    def _chain_is_of_order(self, step):
        return self.env["sale.order"]._chain_can(step)

    def _chain_lock(self):
        leads = super()._chain_lock()
        orders = leads.sudo().order_ids
        busy = orders - orders.try_lock_for_update(allow_referencing=True)
        return leads - busy.opportunity_id.with_env(self.env)

    def _chain_needed(self, step):
        if not self._chain_is_of_order(step):
            return super()._chain_needed(step)
        sudo = self.sudo()
        orders = sudo._chain_orders()
        idle = orders.opportunity_id - orders._chain_needed(step).opportunity_id
        return (sudo - idle).with_env(self.env)

    def _chain_blockers(self, step):
        if not self._chain_is_of_order(step):
            return super()._chain_blockers(step)
        orders = self._chain_orders_needing(step).sudo().grouped("opportunity_id")
        allowed = self.env["sale.order"].union(*orders.values()).with_env(self.env)
        allowed = allowed._filtered_access("write")
        reasons = allowed._chain_blockers(step)
        result = {}
        for lead in self:
            found = lead._chain_order_reasons(
                step, orders.get(lead.sudo(), allowed.browse()), allowed, reasons
            )
            if found:
                result[lead.id] = found
        return result

    def _chain_order_reasons(self, step, orders, allowed, reasons):
        """Why ``step`` cannot be taken for this lead's ``orders``.

        :param orders: as superuser, those that need the step
        :param allowed: those the user may write, of any lead
        :param reasons: the blockers of ``allowed``
        """
        self.ensure_one()
        if not self.active and set(orders.mapped("state")) != {"sale"}:
            return self._chain_lost_blockers()[self.id]
        if not orders:
            return [self.env._("It has no quotation yet. Create it first.")]
        if step == "order" and len(orders) > 1:
            return [
                self.env._(
                    "It has several open quotations (%(quotations)s). Confirm the one "
                    "the customer accepted.",
                    quotations=orders.mapped("name"),
                )
            ]
        found = []
        for order in orders.with_env(self.env):
            if order not in allowed:
                found.append(self.env._("You may not change its orders."))
            found += reasons.get(order.id, [])
        return list(dict.fromkeys(found))

    def _chain_foreseen(self, step):
        if not self._chain_is_of_order(step):
            return super()._chain_foreseen(step)
        orders = self._chain_orders_needing(step)._filtered_access("write")
        without = self - orders.opportunity_id
        found = super(CrmLead, without)._chain_foreseen(step)
        for order_id, reasons in orders._chain_foreseen(step).items():
            lead_id = orders.browse(order_id).opportunity_id.id
            found[lead_id] = found.get(lead_id, []) + reasons
        return found

    def _chain_do(self, step):
        if not self._chain_is_of_order(step):
            return super()._chain_do(step)
        return self._chain_orders_needing(step)._chain_do(step)

    @api.model
    def _chain_chunk_limit(self, step):
        limit = super()._chain_chunk_limit(step)
        if self._chain_is_of_order(step):
            limit = min(limit, self.env["sale.order"]._chain_chunk_limit(step))
        return limit

    # Preview

    def _chain_amounts(self):
        """Of the orders; without one, what the products come to, taxes not included."""
        orders = self._chain_orders()._filtered_access("read")
        found = {}
        for lead, own in orders.grouped("opportunity_id").items():
            currency = own[0].currency_id
            found[lead.id] = (sum(x._chain_total(currency) for x in own), currency)
        found.update((self - orders.opportunity_id)._chain_expected_amounts())
        return found

    def _chain_expected_amounts(self):
        """As :meth:`_chain_amounts`, of leads that have no order yet."""
        return {
            lead.id: (
                sum(lead.line_ids.mapped("price_subtotal")) or lead.expected_revenue,
                lead.company_currency,
            )
            for lead in self
        }

    def _chain_pricelist(self):
        """:return: the pricelist of one lead's customer, if he has one"""
        company = self._chain_company()
        return self.partner_id.with_company(company).property_product_pricelist

    # Chain bar and labels

    @api.model
    def _chain_step_labels(self):
        return {
            **super()._chain_step_labels(),
            "quotation": self.env._("Create Quotation"),
            "send": self.env._("Send Quotation"),
            "order": self.env._("Confirm Order"),
        }

    def _chain_bar_segments(self):
        orders = self._chain_orders()._filtered_access("read")
        return super()._chain_bar_segments() + orders._chain_order_segments()

    @api.model
    def _chain_documents(self):
        return [*super()._chain_documents(), "sale.order"]
