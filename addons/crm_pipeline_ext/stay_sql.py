"""The statements that write ``crm.lead.stay``, each for any number of opportunities."""

# `lead`: what each opportunity is now, beside its last stay. `leaves` and `enters`: the
# last stay ends, a new one begins; both if it moved. What is lost from the beginning,
# as by an import, was in its stage for no time.
# `stay`: what each of its stays is to be. One that ended in won or lost is that only as
# long as the opportunity is.
# The stays are kept before others are made (the last condition sees to it), so that at
# most one is open at any time.
KEEP = """
WITH lead AS MATERIALIZED (
    SELECT l.*,
           l.open AND NOT (l.here AND l.same) AS leaves,
           CASE
               WHEN l.here THEN NOT (l.open AND l.same)
               ELSE l.last_id IS NULL AND l.result = 'lost' AND l.is_deal
           END AS enters,
           CASE
               WHEN l.result = 'lost' THEN 'lost'
               WHEN NOT l.here THEN 'archived'
               WHEN l.result = 'won' AND l.last_result IS DISTINCT FROM 'won'
                    THEN 'won'
               WHEN (l.sequence, l.stage_id) > (l.last_sequence, l.last_stage_id)
                    THEN 'forward'
               ELSE 'back'
           END AS outcome
      FROM (
          SELECT l.id, l.stage_id, l.team_id, l.user_id, l.company_id, l.source_id,
                 l.lost_reason_id, l.probability, l.date_deadline,
                 l.expected_revenue::float8 AS revenue,
                 NULLIF(l.won_status, 'pending') AS result,
                 l.type = 'opportunity' AND l.stage_id IS NOT NULL AS is_deal,
                 l.type = 'opportunity' AND l.active AND l.stage_id IS NOT NULL AS here,
                 COALESCE(known.revenue, l.expected_revenue::float8) AS revenue_before,
                 COALESCE(known.probability, l.probability) AS probability_before,
                 stage.sequence,
                 last.id AS last_id,
                 last.stage_id AS last_stage_id,
                 last_stage.sequence AS last_sequence,
                 last.result AS last_result,
                 last.probability_first,
                 last.id IS NOT NULL AND last.left_at IS NULL AS open,
                 last.stage_id IS NOT DISTINCT FROM l.stage_id AS same
            FROM unnest(
                     %(ids)s::int[], %(revenues)s::float8[], %(probabilities)s::float8[]
                 ) AS known (id, revenue, probability)
            JOIN crm_lead l ON l.id = known.id
       LEFT JOIN LATERAL (
                     SELECT s.*
                       FROM crm_lead_stay s
                      WHERE s.lead_id = l.id AND s.merged IS NOT TRUE
                   ORDER BY s.id DESC
                      LIMIT 1
                 ) last ON TRUE
       LEFT JOIN crm_stage stage ON stage.id = l.stage_id
       LEFT JOIN crm_stage last_stage ON last_stage.id = last.stage_id
      ) l
),
stay AS (
    SELECT s.id, lead.result, lead.lost_reason_id, lead.source_id,
           lead.stage_id, lead.team_id, lead.user_id, lead.company_id,
           lead.here, lead.revenue, lead.revenue_before, lead.probability_before,
           lead.date_deadline,
           s.id = lead.last_id AND lead.leaves AS ends,
           s.id = lead.last_id AND lead.open AND NOT lead.leaves AS goes_on,
           CASE
               WHEN s.id = lead.last_id AND (lead.leaves OR NOT lead.open AND NOT here)
                    THEN lead.outcome
               WHEN s.outcome = 'lost' THEN 'archived'
               WHEN s.outcome = 'won' AND lead.result IS DISTINCT FROM 'won'
                    THEN 'forward'
               ELSE s.outcome
           END AS outcome
      FROM lead
      JOIN crm_lead_stay s ON s.lead_id = lead.id AND s.merged IS NOT TRUE
),
kept AS (
    UPDATE crm_lead_stay s
       SET result = stay.result,
           owner_id = stay.user_id,
           lost_reason_id = stay.lost_reason_id,
           source_id = stay.source_id,
           outcome = stay.outcome,
           team_id = CASE WHEN goes_on THEN stay.team_id ELSE s.team_id END,
           user_id = CASE WHEN goes_on THEN stay.user_id ELSE s.user_id END,
           company_id = CASE WHEN goes_on THEN stay.company_id ELSE s.company_id END,
           left_at = CASE WHEN ends THEN %(now)s::timestamp ELSE s.left_at END,
           days = CASE
               WHEN ends
                    THEN extract(epoch FROM %(now)s::timestamp - s.entered_at) / 86400
               ELSE s.days
           END,
           to_stage_id = CASE WHEN ends AND here THEN stay.stage_id
                              ELSE s.to_stage_id END,
           value_out = CASE WHEN ends THEN revenue_before ELSE s.value_out END,
           probability_out = CASE WHEN ends THEN probability_before
                                  ELSE s.probability_out END,
           date_deadline = CASE WHEN ends THEN stay.date_deadline
                                ELSE s.date_deadline END,
           value_won = CASE
               WHEN stay.outcome IS DISTINCT FROM 'won' THEN NULL
               WHEN ends THEN revenue
               ELSE s.value_won
           END
      FROM stay
     WHERE s.id = stay.id
       AND (
           ends
           OR (s.result, s.owner_id, s.lost_reason_id, s.source_id, s.outcome)
              IS DISTINCT FROM
              (stay.result, stay.user_id, stay.lost_reason_id, stay.source_id,
               stay.outcome)
           OR goes_on AND (s.team_id, s.user_id, s.company_id) IS DISTINCT FROM
                          (stay.team_id, stay.user_id, stay.company_id)
       )
 RETURNING s.id
)
INSERT INTO crm_lead_stay (
                lead_id, stage_id, from_stage_id, entered_at,
                value_in, probability_in, probability_first,
                team_id, user_id, owner_id, company_id, source_id, lost_reason_id,
                result, merged,
                left_at, days, value_out, date_deadline, outcome, value_won
            )
     SELECT id, stage_id, last_stage_id, %(now)s::timestamp,
            revenue, probability, COALESCE(probability_first, probability),
            team_id, user_id, user_id, company_id, source_id, lost_reason_id,
            result, FALSE,
            CASE WHEN NOT here THEN %(now)s::timestamp END,
            CASE WHEN NOT here THEN 0 END,
            CASE WHEN NOT here THEN revenue END,
            CASE WHEN NOT here THEN date_deadline END,
            CASE WHEN NOT here THEN outcome END,
            CASE WHEN result = 'won' AND last_id IS NULL THEN revenue END
       FROM lead
      WHERE enters AND (SELECT count(*) FROM kept) >= 0
   ORDER BY id
"""
