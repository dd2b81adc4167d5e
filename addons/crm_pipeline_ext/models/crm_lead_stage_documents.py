from odoo import api, fields, models

from ..batch import CONTEXT_KEY, Batch, batch_of
from .crm_lead_stage_rule import DOCUMENTS, MOVED_BY

# What waits for the end of the transaction: {lead id: the step it had before}, and the
# ids of the leads that documents may take back.
ADVANCED = "crm_pipeline_ext.stage_advanced"
TAKEN_BACK = "crm_pipeline_ext.stage_taken_back"


class CrmLead(models.Model):
    """The stage follows the documents.

    What the documents change is collected while it happens, and the opportunities are
    moved together: by a step of the chain when it is done, else at the end of the
    transaction, as core does with its tracking.
    """

    _inherit = "crm.lead"

    stage_before_id = fields.Many2one(
        comodel_name="crm.stage",
        string="Stage Before the Documents",
        copy=False,
        readonly=True,
        ondelete="set null",
        help="The stage a person had chosen last, where documents have moved the "
        "opportunity on since.",
    )

    def write(self, vals):
        """Who moves an opportunity takes it over from the documents."""
        stage_id = vals.get("stage_id")
        moved = self.browse()
        if stage_id:
            moved = self.filtered(lambda lead: lead.stage_id.id != stage_id)
        if moved and self.env.context.get(MOVED_BY) is DOCUMENTS:
            moved._remember_stage()
        elif moved and "stage_before_id" not in vals:
            vals = {**vals, "stage_before_id": False}
        return super().write(vals)

    def _remember_stage(self):
        ours = self.filtered(lambda lead: lead.stage_id and not lead.stage_before_id)
        for stage, leads in ours.grouped("stage_id").items():
            leads.write({"stage_before_id": stage.id})

    def _stage_find(self, team_id=False, domain=None, order="sequence, id", limit=1):
        """Core looks the stages up for each lead; a step of the chain once a team."""
        find = super()._stage_find
        if not (batch := batch_of(self.env)):
            return find(team_id, domain, order, limit)
        key = ("stage", team_id, tuple(self.team_id.ids), str(domain), order, limit)
        return batch.once(key, lambda: find(team_id, domain, order, limit))

    # Collecting

    def _compute_chain_step(self):
        """Where stages follow documents, note what step the leads had."""
        saved = self.filtered("id") if self._stage_entries() else self.browse()
        before = {lead.id: lead.chain_step for lead in saved}
        super()._compute_chain_step()
        advanced = {
            lead.id: before[lead.id]
            for lead in saved
            if self._chain_rank(lead.chain_step) > self._chain_rank(before[lead.id])
        }
        if advanced:
            noted = self._stage_pending(ADVANCED, dict)
            noted.update({key: advanced[key] for key in advanced.keys() - noted.keys()})

    def _stage_take_back(self):
        """Documents of ``self`` were cancelled: at the end, have those they had moved
        stand where the others still take them.
        """
        if driven := self.sudo().filtered("stage_before_id"):
            self._stage_pending(TAKEN_BACK, set).update(driven.ids)

    @api.model
    def _stage_pending(self, key, kind):
        """:return: what is collected under ``key`` in this transaction, to be acted on
        in the name of who makes the request: core changes documents as superuser
        """
        precommit = self.env.cr.precommit
        if key not in precommit.data:
            precommit.data[key] = kind()
            env = self.env.transaction.default_env or self.env
            precommit.add(env["crm.lead"]._stage_follow_documents)
        return precommit.data[key]

    @api.model
    def _chain_rank(self, step):
        """:return: the place of ``step`` in the chain, for comparison"""
        steps = self._chain_steps()
        return steps.index(step) if step in steps else -1

    @api.model
    def _stage_entries(self):
        """:return: ``{team id or False: {stage id: enter step}}``"""
        return self.env["crm.stage.rule"]._entries()

    # Moving

    @api.model
    def _stage_follow_documents(self):
        """Move what is collected; a second call finds nothing."""
        data = self.env.cr.precommit.data
        advanced = data.pop(ADVANCED, {})
        taken_back = data.pop(TAKEN_BACK, set())
        leads = self.sudo().with_context(active_test=False)
        moves = leads.browse(advanced).exists()._stages_reached_since(advanced)
        moves.update(leads.browse(taken_back).exists()._stages_taken_back_to())
        for stage_id, moved in _grouped(moves).items():
            moved._move_by_documents(stage_id)

    def _move_by_documents(self, stage_id):
        """:param self: as superuser, whoever changed the documents"""
        documents = self.with_context(**{MOVED_BY: DOCUMENTS})
        documents.write({"stage_id": stage_id})
        home = self.filtered(lambda lead: lead.stage_before_id == lead.stage_id)
        home.stage_before_id = False

    def _stages_reached_since(self, before):
        """:param dict before: the step each of these had
        :return: ``{lead: id of the stage}`` of those that go on; a won one stays won
        """
        places, moves = self.env["crm.stage"]._places(), {}
        for lead in self.filtered("active"):
            target = lead._stage_reached(after=before[lead.id])
            ahead = lead._stage_order(target) > lead._stage_order(lead.stage_id.id)
            if ahead and (lead.won_status != "won" or places[target].is_won):
                moves[lead] = target
        return moves

    def _stages_taken_back_to(self):
        """:return: ``{lead: id of the stage}`` of those that documents hold no more
        where they have brought them: the furthest stage they still reach, or that of
        a person if it is further
        """
        driven = self.filtered(lambda lead: lead.active and lead.stage_before_id)
        moves = {}
        for lead in driven - driven._stage_held():
            choice = (lead._stage_reached(), lead.stage_before_id.id)
            target = max(choice, key=lead._stage_order)
            if lead._stage_order(target) < lead._stage_order(lead.stage_id.id):
                moves[lead] = target
        return moves

    def _stage_held(self):
        """:return: those of ``self`` that documents hold where they are: won, by an
        order that is still there
        """
        won = self.filtered(lambda lead: lead.won_status == "won")
        return won.browse(won._lost_blockers())

    def _stage_reached(self, after=False):
        """:param after: a step; enter steps up to it do not count
        :return: the id of the furthest stage one lead's documents bring it to, or
            False
        """
        team_id, entries = self.team_id.id, self._stage_entries()
        first, last = self._chain_rank(after) + 1, self._chain_rank(self.chain_step)
        passed = self._chain_steps()[first : last + 1]
        places = self.env["crm.stage"]._places()
        stages = [
            stage_id
            for stage_id, step in entries.get(team_id, entries.get(False, {})).items()
            if step in passed and places[stage_id].is_for(team_id)
        ]
        return max(stages, key=self._stage_order, default=False)

    @api.model
    def _stage_order(self, stage_id):
        """:return: the place of a stage in the pipeline, for comparison"""
        place = self.env["crm.stage"]._places().get(stage_id)
        return place.order if place else ()

    def _win_by_documents(self):
        """Win these by core's own way, whoever is at work: what their documents say
        needs no rights on the opportunity. One write for all of a stage.
        """
        batch = batch_of(self.env) or Batch()
        context = {CONTEXT_KEY: batch, MOVED_BY: DOCUMENTS}
        leads = self.sudo().with_context(**context)
        winnable = leads.filtered(
            lambda lead: lead.type == "opportunity"
            and lead.won_status != "won"
            and lead._stage_find(domain=[("is_won", "=", True)], limit=None)
        )
        if winnable:
            winnable.action_set_won()
        if len(winnable) > 1 and not batch_of(self.env):
            winnable._track_finalize()  # in one go, before core does one by one


def _grouped(moves):
    """:return: ``{stage id: leads}`` of ``{lead: stage id}``"""
    result = {}
    for lead, stage_id in moves.items():
        result[stage_id] = result.get(stage_id, lead.browse()) | lead
    return result
