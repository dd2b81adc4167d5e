def uninstall_hook(env):
    """Give the runs back to the scheduled action: nobody could do their jobs now."""
    env["queue.job"].search(
        [
            ("identity_key", "=like", f"{env['crm.chain.run']._name}:%"),
            ("state", "in", ("pending", "enqueued", "failed")),
        ]
    ).button_cancelled()
    env["crm.chain.run"]._wake_up()
