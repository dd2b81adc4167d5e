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
                   ORDER BY s.left_at IS NULL DESC, s.entered_at DESC, s.id DESC
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

NOT_REBUILT = """
    SELECT 1
      FROM crm_lead l
     WHERE l.type = 'opportunity'
       AND l.stage_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM crm_lead_stay s WHERE s.lead_id = l.id)
     LIMIT 1
"""

# `event`: what is known of each opportunity without a stay, in order of time: how it
# began, what was tracked, what it is now. What came before it became an opportunity
# holds from then on. What was tracked on others that were merged into it (core gives
# their messages a subject) does not count.
# `state`: what was known at each event, with what is not said carried forward.
# `part`: events that belong to one stay have one number.
REBUILD = """
WITH lead AS MATERIALIZED (
    SELECT l.id, l.stage_id, COALESCE(l.team_id, 0) AS team_id,
           COALESCE(l.user_id, 0) AS user_id, l.active,
           l.company_id, l.source_id, l.lost_reason_id, l.date_deadline, l.probability,
           COALESCE(l.expected_revenue, 0)::float8 AS value,
           NULLIF(l.won_status, 'pending') AS result,
           COALESCE(l.date_conversion, l.create_date) AS began,
           COALESCE(l.date_last_stage_update, l.create_date) AS moved_at,
           COALESCE(l.date_closed, l.write_date, l.create_date) AS closed_at
      FROM crm_lead l
     WHERE l.type = 'opportunity'
       AND l.stage_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM crm_lead_stay s WHERE s.lead_id = l.id)
),
tracked AS MATERIALIZED (
    SELECT v.id, lead.id AS lead_id, GREATEST(m.date, lead.began) AS at, v.field_id,
           COALESCE(v.old_value_integer, 0) AS old,
           COALESCE(v.new_value_integer, 0) AS new,
           v.old_value_float AS old_float, v.new_value_float AS new_float
      FROM lead
      JOIN mail_message m ON m.model = 'crm.lead' AND m.res_id = lead.id
                         AND m.subject IS NULL
      JOIN mail_tracking_value v ON v.mail_message_id = m.id
     WHERE v.field_id IN (%(stage_id)s, %(team_id)s, %(user_id)s, %(active)s,
                          %(expected_revenue)s)
),
first AS (
    SELECT DISTINCT ON (lead_id, field_id) lead_id, field_id, old, old_float
      FROM tracked
  ORDER BY lead_id, field_id, at, id
),
event AS (
    SELECT lead.id AS lead_id, lead.began AS at, 0 AS turn, 0 AS rank,
           COALESCE(NULLIF(stage.old, 0), lead.stage_id) AS stage_id,
           COALESCE(team.old, lead.team_id) AS team_id,
           COALESCE(person.old, lead.user_id) AS user_id,
           COALESCE(active.old, 1) AS active,
           COALESCE(value.old_float, lead.value) AS value
      FROM lead
 LEFT JOIN first stage ON stage.lead_id = lead.id AND stage.field_id = %(stage_id)s
 LEFT JOIN first team ON team.lead_id = lead.id AND team.field_id = %(team_id)s
 LEFT JOIN first person ON person.lead_id = lead.id AND person.field_id = %(user_id)s
 LEFT JOIN first active ON active.lead_id = lead.id AND active.field_id = %(active)s
 LEFT JOIN first value ON value.lead_id = lead.id
                      AND value.field_id = %(expected_revenue)s
 UNION ALL
    SELECT lead_id, at, 1, id,
           CASE field_id WHEN %(stage_id)s THEN NULLIF(new, 0) END,
           CASE field_id WHEN %(team_id)s THEN new END,
           CASE field_id WHEN %(user_id)s THEN new END,
           CASE field_id WHEN %(active)s THEN new END,
           CASE field_id WHEN %(expected_revenue)s THEN new_float END
      FROM tracked
 UNION ALL
    SELECT lead.id, GREATEST(moved_at, latest.at, began), 2, 0,
           stage_id, NULL, NULL, NULL, NULL
      FROM lead
 LEFT JOIN (SELECT lead_id, max(at) AS at FROM tracked WHERE field_id = %(stage_id)s
          GROUP BY lead_id) latest ON latest.lead_id = lead.id
 UNION ALL
    SELECT lead.id, GREATEST(closed_at, began), 3, 0,
           NULL, NULL, NULL, active::int, NULL
      FROM lead
     WHERE NOT active
),
counted AS (
    SELECT *,
           count(stage_id) OVER past AS stage_no,
           count(team_id) OVER past AS team_no,
           count(user_id) OVER past AS user_no,
           count(active) OVER past AS active_no,
           count(value) OVER past AS value_no
      FROM event
    WINDOW past AS (PARTITION BY lead_id ORDER BY at, turn, rank)
),
state AS (
    SELECT lead_id, at, turn, rank,
           max(stage_id) OVER (PARTITION BY lead_id, stage_no) AS stage_id,
           max(team_id) OVER (PARTITION BY lead_id, team_no) AS team_id,
           max(user_id) OVER (PARTITION BY lead_id, user_no) AS user_id,
           max(active) OVER (PARTITION BY lead_id, active_no) AS active,
           max(value) OVER (PARTITION BY lead_id, value_no) AS value,
           lead(at) OVER (PARTITION BY lead_id ORDER BY at, turn, rank) AS next_at
      FROM counted
),
settled AS (
    SELECT state.*,
           (stage_id * active, active) IS DISTINCT FROM
           (lag(stage_id * active) OVER past, lag(active) OVER past) AS begins
      FROM state
     WHERE at IS DISTINCT FROM next_at
    WINDOW past AS (PARTITION BY lead_id ORDER BY at, turn, rank)
),
numbered AS (
    SELECT settled.*,
           count(*) FILTER (WHERE begins)
               OVER (PARTITION BY lead_id ORDER BY at, turn, rank) AS part
      FROM settled
),
part AS (
    SELECT lead_id, part, min(at) AS entered_at, max(stage_id) AS stage_id,
           max(active) AS active,
           (array_agg(team_id ORDER BY at DESC, turn DESC, rank DESC))[1] AS team_id,
           (array_agg(user_id ORDER BY at DESC, turn DESC, rank DESC))[1] AS user_id,
           (array_agg(value ORDER BY at, turn, rank))[1] AS value_in,
           (array_agg(value ORDER BY at DESC, turn DESC, rank DESC))[1] AS value_out
      FROM numbered
  GROUP BY lead_id, part
),
followed AS (
    SELECT part.*,
           crm_stage.is_won,
           lead(entered_at) OVER past AS left_at,
           lead(active) OVER past AS next_active,
           lead(part.stage_id) OVER past AS next_stage_id,
           lead(crm_stage.is_won) OVER past AS next_is_won,
           lag(part.stage_id) OVER past AS last_stage_id,
           max(part) FILTER (WHERE active = 1) OVER (PARTITION BY lead_id) = part
           AS is_last
      FROM part
 LEFT JOIN crm_stage ON crm_stage.id = part.stage_id
    WINDOW past AS (PARTITION BY lead_id ORDER BY part)
),
won AS (
    SELECT lead_id, max(part) AS part
      FROM followed
     WHERE active = 1 AND next_active = 1 AND next_is_won AND is_won IS NOT TRUE
  GROUP BY lead_id
)
INSERT INTO crm_lead_stay (
                lead_id, stage_id, from_stage_id, to_stage_id, entered_at, left_at,
                days, value_in, value_out, value_won, date_deadline, probability_in,
                team_id, user_id, owner_id, company_id, source_id, lost_reason_id,
                result, merged, outcome
            )
     SELECT lead.id, stage.id, from_stage.id, to_stage.id, s.entered_at, s.left_at,
            extract(epoch FROM s.left_at - s.entered_at) / 86400,
            s.value_in, CASE WHEN s.left_at IS NOT NULL THEN s.value_out END,
            CASE WHEN won.part IS NOT NULL THEN lead.value END,
            CASE WHEN s.left_at IS NOT NULL THEN lead.date_deadline END,
            CASE WHEN s.left_at IS NULL THEN lead.probability END,
            team.id, person.id, NULLIF(lead.user_id, 0), lead.company_id,
            lead.source_id, lead.lost_reason_id, lead.result, FALSE,
            CASE
                WHEN s.left_at IS NULL THEN NULL
                WHEN s.next_active = 0
                     THEN CASE WHEN lead.result = 'lost' AND s.is_last
                               THEN 'lost' ELSE 'archived' END
                WHEN won.part IS NOT NULL THEN 'won'
                WHEN (to_stage.sequence, to_stage.id) > (stage.sequence, stage.id)
                     THEN 'forward'
                ELSE 'back'
            END
       FROM followed s
       JOIN lead ON lead.id = s.lead_id
  LEFT JOIN crm_stage stage ON stage.id = s.stage_id
  LEFT JOIN crm_stage from_stage ON from_stage.id = s.last_stage_id
  LEFT JOIN crm_stage to_stage ON to_stage.id = s.next_stage_id AND s.next_active = 1
  LEFT JOIN crm_team team ON team.id = s.team_id
  LEFT JOIN res_users person ON person.id = s.user_id
  LEFT JOIN won ON won.lead_id = s.lead_id AND won.part = s.part
               AND lead.result = 'won'
      WHERE s.active = 1
   ORDER BY lead.id, s.part
"""
