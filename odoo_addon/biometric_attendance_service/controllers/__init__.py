from . import deletion, sign_up, statement, status
