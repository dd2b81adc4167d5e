from odoo import models
from odoo.exceptions import UserError


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _chain_deliver(self):
        """Reserve and validate these transfers whole; never a part of one.

        :raise UserError: a transfer cannot be reserved, or its validation asks
            something that a person must answer
        """
        self.action_assign()
        for picking in self:
            if picking.state != "assigned" or picking._chain_short_moves():
                raise UserError(
                    self.env._(
                        "%(transfer)s cannot be delivered whole. Open it to see what "
                        "is missing.",
                        transfer=picking.display_name,
                    )
                )
        self.move_ids.picked = True
        result = self._chain_validate()
        asks = isinstance(result, dict) and result.get("target") == "new"
        if asks or any(picking.state != "done" for picking in self):
            raise UserError(
                self.env._(
                    "Validating %(transfers)s needs an answer from you. Open and "
                    "validate it by hand.",
                    transfers=self.mapped("name"),
                )
            )

    def _chain_validate(self):
        """Validate as a person does, without the question that `stock_sms` puts before
        a company's first delivery: until somebody has agreed that text messages may
        cost money, none are sent.

        :return: what ``button_validate`` returns
        """
        pickings = self.with_context(skip_backorder=True)
        result = pickings.button_validate()
        if isinstance(result, dict) and result.get("res_model") == "confirm.stock.sms":
            result = pickings.with_context(skip_sms=True).button_validate()
        return result

    def _chain_short_moves(self):
        """:return: the moves of these transfers that are not reserved in full"""
        return self.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
            and move.product_uom.compare(move.quantity, move.product_uom_qty) < 0
        )

    def _chain_document(self):
        """:return: this transfer as a document of the chain bar; the amount is what
        its quantity of each order line comes to, taxes included
        """
        self.ensure_one()
        moves = self.move_ids.filtered("sale_line_id")
        return {
            "model": self._name,
            "id": self.id,
            "name": self.name,
            "date": self.date_done or self.scheduled_date,
            "amount": sum(
                move.product_uom._compute_quantity(
                    move.quantity if self.state == "done" else move.product_uom_qty,
                    move.sale_line_id.product_uom_id,
                )
                * move.sale_line_id.price_reduce_taxinc
                for move in moves
            ),
            "currency_id": self.sale_id.currency_id.id,
        }
