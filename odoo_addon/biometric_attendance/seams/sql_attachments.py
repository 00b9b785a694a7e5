"""Attachments behind binary fields of ours, as our SQL guards them. Must not know what they hold.

The bytes of a produced payroll file lie in a table of Odoo's: triggers refuse what would change
them. Moving them between disk and database is allowed, as long as they stay the same.
"""

# Refuses a change of a produced file's row; a draft may be changed and removed.
FILE_GUARD = """
CREATE OR REPLACE FUNCTION biometric_file_guard() RETURNS trigger AS $$
BEGIN
    IF OLD.state IS DISTINCT FROM 'done'
       OR current_setting('biometric.allow_change', true) = 'on' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION 'a produced payroll file is never changed or removed'
        USING ERRCODE = '23514';
END;
$$ LANGUAGE plpgsql
"""
# The same for the bytes of such a file.
CONTENT_GUARD = """
CREATE OR REPLACE FUNCTION biometric_content_guard() RETURNS trigger AS $$
BEGIN
    IF current_setting('biometric.allow_change', true) = 'on'
       OR NOT EXISTS (SELECT 1 FROM biometric_export e
                       WHERE e.id = OLD.res_id AND e.state = 'done') THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE'
       AND (NEW.res_model, NEW.res_field, NEW.res_id, NEW.checksum, NEW.file_size, NEW.type)
           IS NOT DISTINCT FROM
           (OLD.res_model, OLD.res_field, OLD.res_id, OLD.checksum, OLD.file_size, OLD.type) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the content of a produced payroll file is never changed or removed'
        USING ERRCODE = '23514';
END;
$$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS biometric_content_guard ON ir_attachment;
CREATE TRIGGER biometric_content_guard BEFORE UPDATE OR DELETE ON ir_attachment FOR EACH ROW
    WHEN (OLD.res_model = 'biometric.export' AND OLD.res_field IS NOT NULL)
    EXECUTE FUNCTION biometric_content_guard()
"""
