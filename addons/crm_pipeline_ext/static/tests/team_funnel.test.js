import {animationFrame, click, queryAll, queryAllTexts} from "@odoo/hoot-dom";
import {
    defineModels,
    fields,
    mockService,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";
import {expect, test} from "@odoo/hoot";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

const STAGES = [
    {id: 1, name: "New", count: 8, value: 4000},
    {id: 2, name: "Qualified", count: 2, value: 8000},
    {id: 3, name: "Offer", count: 0, value: 0},
];

class Team extends models.Model {
    _name = "team";

    funnel = fields.Json();

    _records = [
        {
            id: 1,
            funnel: {currency_id: 1, stages: STAGES, capacity: {used: 6, total: 30}},
        },
        {
            id: 2,
            funnel: {
                currency_id: 1,
                stages: STAGES.map((stage) => ({...stage, value: 0})),
                capacity: {used: 0, total: 0},
            },
        },
        {id: 3, funnel: false},
    ];
}
defineMailModels();
defineModels([Team]);

const mountFunnel = (resId) =>
    mountView({
        type: "form",
        resModel: "team",
        resId,
        arch: `<form><field name="funnel" widget="team_funnel"/></form>`,
    });

const widths = () =>
    queryAll(".o_team_funnel_stage .o_team_funnel_bar").map(
        (bar) => bar.style.inlineSize
    );

test("chain_funnel: bars are as long as a stage is worth", async () => {
    await mountFunnel(1);
    expect(queryAllTexts(".o_team_funnel_name")).toEqual(["New", "Qualified", "Offer"]);
    expect(queryAllTexts(".o_team_funnel_count")).toEqual(["8", "2", "0"]);
    expect(widths()).toEqual(["50%", "100%", "0%"]);
});

test("chain_funnel: without values, bars count opportunities", async () => {
    await mountFunnel(2);
    expect(widths()).toEqual(["100%", "25%", "0%"]);
});

test("chain_funnel: a stage says its figures and opens its opportunities", async () => {
    mockService("action", {
        doAction(action, {additionalContext}) {
            expect.step([
                action,
                additionalContext.active_id,
                additionalContext.search_default_stage_id,
            ]);
        },
    });
    await mountFunnel(1);
    expect(".o_team_funnel_stage[data-stage='2']").toHaveAttribute(
        "aria-label",
        /Qualified: 2 opportunities, .*8/
    );
    await click(".o_team_funnel_stage[data-stage='2']");
    await animationFrame();
    expect.verifySteps([["crm.crm_case_form_view_salesteams_opportunity", 1, 2]]);
});

test("chain_funnel: the capacity is a progress bar", async () => {
    await mountFunnel(1);
    expect(".o_team_funnel_capacity [role=progressbar]").toHaveAttribute(
        "aria-valuenow",
        "20"
    );
    expect(".o_team_funnel_capacity").toHaveText("6 of 30 leads assigned in 30 days");
});

test("chain_funnel: no capacity, no bar; nothing known, nothing shown", async () => {
    await mountFunnel(2);
    expect(".o_team_funnel_capacity").toHaveCount(0);
});

test("chain_funnel: empty without figures", async () => {
    await mountFunnel(3);
    expect(".o_team_funnel_stage").toHaveCount(0);
});
