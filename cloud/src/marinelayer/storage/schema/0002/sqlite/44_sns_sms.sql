-- What accounts say of their SMS. attributes: JSON, name -> value; what was never set is not in it.
CREATE TABLE sns_sms_attributes (
    account    TEXT NOT NULL,
    region     TEXT NOT NULL,
    attributes TEXT NOT NULL,
    PRIMARY KEY (account, region)
) STRICT, WITHOUT ROWID;
