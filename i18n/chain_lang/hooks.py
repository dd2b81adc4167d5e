def post_init_hook(env):
    """Round IRR and MNT to whole units, once: later choices are the user's own."""
    env["res.currency"]._round_to_whole_units()
