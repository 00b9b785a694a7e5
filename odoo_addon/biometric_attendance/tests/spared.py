"""What Odoo's tools for tests spend on what no test of ours is about; spared for all of them.

Imported before any test, which then takes the tools from `odoo.tests` as ever. Must not know any
test.
"""

import freezegun.api

from odoo import tests

from odoo.addons.base.models import res_users

_new_test_user = tests.new_test_user


def new_test_user(env, login="", groups="base.group_user", context=None, **values):
    """A user who is not written a mail of invitation: rendering it takes a third of the time that
    making a user takes, and hundreds are made."""
    context = {"no_reset_password": True, **(context or {})}
    return _new_test_user(env, login, groups, context, **values).with_env(env)


def names_of(module):
    """Tells freezegun whether a module has other names than when it last looked for clocks in it.
    Its own way, a hash over all names of 4,000 modules, takes most of what stopping the clock
    takes; a module that was loaded anew has another id, one that was added to has more names."""
    return f"{id(module)}-{len(getattr(module, '__dict__', ()))}"


# Odoo spares its own kind of test the 600,000 rounds of hashing a password; one with transactions
# of its own, as those of what happens at once have, makes users, too.
res_users.MIN_ROUNDS = 1
tests.new_test_user = tests.common.new_test_user = new_test_user
freezegun.api._get_module_attributes_hash = names_of
