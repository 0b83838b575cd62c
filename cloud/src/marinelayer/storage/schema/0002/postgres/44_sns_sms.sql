-- What accounts say of their SMS. attributes: JSON, name -> value; what was never set is not in it.
CREATE TABLE sns_sms_attributes (
    account    TEXT COLLATE "C" NOT NULL,
    region     TEXT COLLATE "C" NOT NULL,
    attributes TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (account, region)
);
