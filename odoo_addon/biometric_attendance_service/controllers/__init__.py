from . import sign_up, statement, status
