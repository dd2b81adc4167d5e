import {expect, test} from "@odoo/hoot";
import {animationFrame, click, queryAllAttributes, queryAllTexts} from "@odoo/hoot-dom";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

const SEGMENTS = [
    {
        key: "lead",
        label: "Enquiry",
        done: true,
        documents: [{model: "sale", id: 1, name: "This very sale", date: "2026-11-22"}],
    },
    {
        key: "order",
        label: "Order",
        done: false,
        documents: [
            {
                model: "order",
                id: 7,
                name: "SO/2026/00007",
                date: "2026-11-23",
                amount: 1234.5,
                currency_id: 1,
            },
        ],
    },
    {key: "payment", label: "Paid", done: false, documents: []},
];

class Sale extends models.Model {
    _name = "sale";

    bar = fields.Json();

    _records = [
        {id: 1, bar: {segments: SEGMENTS, next: {step: "order", label: "Confirm"}}},
        {id: 2, bar: {segments: SEGMENTS, next: false}},
        {id: 3, bar: false},
    ];
}
defineMailModels();
defineModels([Sale]);

const mountBar = (resId) =>
    mountView({
        type: "form",
        resModel: "sale",
        resId,
        arch: `<form><field name="bar" widget="chain_bar"/></form>`,
    });

test("chain_bar: segments are done, current or to come", async () => {
    await mountBar(1);
    expect(queryAllTexts(".o_chain_head")).toEqual(["Enquiry", "Order", "Paid"]);
    expect(queryAllAttributes(".o_chain_segment", "data-state")).toEqual([
        "done",
        "current",
        "todo",
    ]);
    expect(".o_chain_segment[data-key=order]").toHaveAttribute("aria-current", "step");
});

test("chain_bar: a document shows its name, date and amount, and opens", async () => {
    mockService("action", {
        doAction(action) {
            expect.step([action.res_model, action.res_id]);
        },
    });
    await mountBar(1);
    const order = ".o_chain_segment[data-key=order] .o_chain_document";
    expect(`${order} a`).toHaveText("SO/2026/00007");
    expect(`${order} wbr`).toHaveCount(2);
    expect(order).toHaveText(/11\/23\/2026/);
    expect(`${order} .o_chain_amount`).toHaveText(/1,234\.50/);
    await click(`${order} a`);
    await animationFrame();
    expect.verifySteps([["order", 7]]);
});

test("chain_bar: the record does not link to itself", async () => {
    await mountBar(1);
    expect(".o_chain_segment[data-key=lead] a").toHaveCount(0);
    expect(".o_chain_segment[data-key=lead]").toHaveText(/11\/22\/2026/);
});

test("chain_bar: the button takes the next step", async () => {
    onRpc("sale", "action_chain_next", ({args}) => {
        expect.step(args[0]);
        return false;
    });
    await mountBar(1);
    expect("button.o_chain_next").toHaveText("Next: Confirm");
    await click("button.o_chain_next");
    await animationFrame();
    expect.verifySteps([[1]]);
});

test("chain_bar: no button at the end of the chain", async () => {
    await mountBar(2);
    expect(".o_chain_segment").toHaveCount(3);
    expect("button.o_chain_next").toHaveCount(0);
});

test("chain_bar: no bar without a sale", async () => {
    await mountBar(3);
    expect(".o_field_chain_bar .o_chain_segment").toHaveCount(0);
});
