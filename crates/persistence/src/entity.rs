//! The tables, as the ORM sees them.

/// One module an entity.
macro_rules! entity {
    ($module:ident, $table:literal, { $($(#[$key:meta])* $column:ident: $type:ty,)* }) => {
        pub(crate) mod $module {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub(crate) struct Model { $($(#[$key])* pub(crate) $column: $type,)* }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub(crate) enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}
// For tables that one file alone reads: they stand there.
pub(crate) use entity;

entity!(unit, "unit", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    code: String,
    name: String,
    kind: String,
    parent_id: Option<Uuid>,
    valid_from: Date,
    valid_to: Option<Date>,
    branch_id: Option<Uuid>,
});
entity!(account, "account", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    login: String,
    name: String,
    password_hash: String,
    disabled: bool,
    email: Option<String>,
    notifications: String,
    signed_in_at: Option<DateTimeUtc>,
    signed_in_before: Option<DateTimeUtc>,
    created_at: DateTimeUtc,
    search_key: String,
    password_drawn: bool,
    links: bool,
});
entity!(account_role, "account_role", {
    #[sea_orm(primary_key, auto_increment = false)] account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] unit_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] role: String,
});
entity!(session, "session", {
    #[sea_orm(primary_key, auto_increment = false)] digest: String,
    account_id: Uuid,
    created_at: DateTimeUtc,
    used_at: DateTimeUtc,
    browser: String,
    provider_token: Option<String>,
    link_id: Option<Uuid>,
});
entity!(entry_link, "entry_link", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    account_id: Uuid,
    asked_at: DateTimeUtc,
    asked_by: Option<Uuid>,
    digest: Option<String>,
    expires_at: Option<DateTimeUtc>,
    used_at: Option<DateTimeUtc>,
    message_id: Option<Uuid>,
});
entity!(identity, "identity", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    issuer: String,
    subject: String,
    name: String,
    email: String,
    seen_at: DateTimeUtc,
    account_id: Option<Uuid>,
});
entity!(sign_in_flow, "sign_in_flow", {
    #[sea_orm(primary_key, auto_increment = false)] digest: String,
    onward: String,
    started_at: DateTimeUtc,
});
entity!(device, "device", {
    #[sea_orm(primary_key, auto_increment = false)] digest: String,
    #[sea_orm(primary_key, auto_increment = false)] account_id: Uuid,
    expires_at: DateTimeUtc,
});
entity!(access_journal, "access_journal", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    at: DateTimeUtc,
    event: String,
    account_id: Option<Uuid>,
    by_id: Option<Uuid>,
    address: Option<String>,
    detail: String,
});
entity!(api_token, "api_token", {
    #[sea_orm(primary_key, auto_increment = false)] digest: String,
    account_id: Uuid,
    name: String,
    created_at: DateTimeUtc,
    expires_at: Option<DateTimeUtc>,
    scope: String,
    used_at: Option<DateTimeUtc>,
});
entity!(idempotency, "idempotency", {
    #[sea_orm(primary_key, auto_increment = false)] account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] key: String,
    request: String,
    subject_id: Uuid,
    created_at: DateTimeUtc,
});
entity!(dossier, "dossier", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    kind: String,
    reference: String,
    stage: String,
    open: bool,
    subject: String,
    content: String,
    received_on: Date,
    plan: String,
    due_on: Date,
    legal_due_on: Date,
    internal_due_on: Date,
    ack_due_on: Date,
    lead_id: Option<Uuid>,
    draft_version: Option<i32>,
    draft_text: Option<String>,
    draft_author_id: Option<Uuid>,
    signed_by_id: Option<Uuid>,
    declined_by_id: Option<Uuid>,
    declined_reason: Option<String>,
    declined_proposed_id: Option<Uuid>,
    closed_on: Option<Date>,
    version: i32,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
    compartment_id: Option<Uuid>,
    frozen: bool,
    eliminated_on: Option<Date>,
    ends_as: Option<String>,
});
entity!(dossier_search, "dossier_search", {
    #[sea_orm(primary_key, auto_increment = false)] dossier_id: Uuid,
    digest: String,
});
entity!(mail, "mail", {
    #[sea_orm(primary_key, auto_increment = false)] dossier_id: Uuid,
    sender: String,
    category: String,
    document_on: Date,
    first_received_on: Option<Date>,
    urgent: bool,
    channel: String,
    filing_proposed_by_id: Option<Uuid>,
    departure: Option<String>,
    sender_named: bool,
    member_id: Option<Uuid>,
});
entity!(sender_form, "sender_form", {
    #[sea_orm(primary_key, auto_increment = false)] dossier_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] form: String,
    sender: String,
});
entity!(question, "question", {
    #[sea_orm(primary_key, auto_increment = false)] dossier_id: Uuid,
    identity: String,
    signalled_on: Option<Date>,
    renewals: i32,
    recalls: i32,
    corrections: i32,
    transfer_to: Option<String>,
    batch_id: Option<Uuid>,
    batch_place: Option<i32>,
    sitting_on: Option<Date>,
    sitting_source: Option<String>,
    attendee: Option<String>,
    ministry: Option<String>,
    ministry_since: Option<Date>,
});
entity!(assignment, "assignment", {
    #[sea_orm(primary_key, auto_increment = false)] dossier_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] position: i32,
    unit_id: Uuid,
    part: String,
    stage: String,
    since: Date,
});
entity!(deadline, "deadline", {
    #[sea_orm(primary_key, auto_increment = false)] dossier_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] position: i32,
    rule: String,
    version: i32,
    clock: String,
    purpose: String,
    start_on: Date,
    due_on: Date,
    stage: String,
    requested_until: Option<Date>,
    changes: String,
});
entity!(delay_rule, "delay_rule", {
    #[sea_orm(primary_key, auto_increment = false)] code: String,
    #[sea_orm(primary_key, auto_increment = false)] version: i32,
    position: i32,
    label: String,
    source: String,
    clock: String,
    purpose: String,
    start: String,
    length: i32,
    length_unit: String,
    rollover: String,
    gazette: Option<String>,
    suspendable: bool,
    extendable: bool,
    valid_from: Date,
    valid_to: Option<Date>,
});
entity!(calendar_entry, "calendar_entry", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    kind: String,
    first_on: Date,
    last_on: Date,
    zone: Option<String>,
    house: Option<String>,
    label: String,
});
entity!(retention_rule, "retention_rule", {
    #[sea_orm(primary_key, auto_increment = false)] class: String,
    #[sea_orm(primary_key, auto_increment = false)] version: i32,
    months: i32,
    fate: String,
    source: String,
});
entity!(elimination, "elimination", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    number: i32,
    class: String,
    version: i32,
    compartment_id: Option<Uuid>,
    state: String,
    content: String,
    proposed_by: Uuid,
    proposed_at: DateTimeUtc,
    reviewed_by: Option<Uuid>,
    reviewed_at: Option<DateTimeUtc>,
    approved_by: Option<Uuid>,
    approved_at: Option<DateTimeUtc>,
    visa: Option<String>,
    receipt: Option<String>,
    ended_at: Option<DateTimeUtc>,
});
entity!(elimination_item, "elimination_item", {
    #[sea_orm(primary_key, auto_increment = false)] list_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] dossier_id: Uuid,
    disposition: String,
    closed_on: Date,
    outcome: Option<String>,
});
entity!(reminder_rule, "reminder_rule", {
    #[sea_orm(primary_key, auto_increment = false)] code: String,
    offset_days: i32,
    every: Option<i32>,
    level: String,
    active: bool,
});
entity!(digest, "digest", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    account_id: Uuid,
    day: Date,
    number: i32,
    state: String,
    tries: i32,
    claimed_until: DateTimeUtc,
    sent_at: Option<DateTimeUtc>,
});
entity!(digest_item, "digest_item", {
    #[sea_orm(primary_key, auto_increment = false)] account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] dossier_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] rule: String,
    #[sea_orm(primary_key, auto_increment = false)] fell_on: Date,
    digest_id: Uuid,
});
entity!(calendar_feed, "calendar_feed", {
    #[sea_orm(primary_key, auto_increment = false)] account_id: Uuid,
    digest: String,
    created_at: DateTimeUtc,
});
entity!(saved_search, "saved_search", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    account_id: Uuid,
    name: String,
    list: String,
    alert: bool,
    looked_on: Date,
    created_at: DateTimeUtc,
});
entity!(known_match, "known_match", {
    #[sea_orm(primary_key, auto_increment = false)] search_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] dossier_id: Uuid,
    digest_id: Option<Uuid>,
});
entity!(draft, "draft", {
    #[sea_orm(primary_key, auto_increment = false)] dossier_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] version: i32,
    text: String,
    author_id: Uuid,
    created_at: DateTimeUtc,
});
entity!(draft_look, "draft_look", {
    #[sea_orm(primary_key, auto_increment = false)] account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] dossier_id: Uuid,
    version: i32,
    at: DateTimeUtc,
});
entity!(counter, "counter", {
    #[sea_orm(primary_key, auto_increment = false)] series: String,
    #[sea_orm(primary_key, auto_increment = false)] year: i32,
    last: i32,
});
entity!(journal, "journal", {
    #[sea_orm(primary_key, auto_increment = false)] dossier_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] seq: i32,
    at: DateTimeUtc,
    who: String,
    action: String,
    from_stage: String,
    to_stage: String,
    payload: String,
    accepted: bool,
    hash: String,
});
entity!(note, "note", {
    #[sea_orm(primary_key, auto_increment = false)] dossier_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] seq: i32,
    words: String,
});
entity!(attachment, "attachment", {
    #[sea_orm(primary_key, auto_increment = false)] dossier_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] seq: i32,
    file: String,
    media: String,
    bytes: i32,
});
entity!(published_question, "published_question", {
    #[sea_orm(primary_key, auto_increment = false)] identity: String,
    uid: String,
    subject: String,
    author: Option<String>,
    author_group: Option<String>,
    ministry: Option<String>,
    ours: bool,
    published_on: Option<Date>,
    answered_on: Option<Date>,
    question_text: String,
    answer_text: String,
    digest: String,
    imported_at: DateTimeUtc,
    author_key: Option<String>,
    member_id: Option<Uuid>,
    author_settled: bool,
});
entity!(member, "member", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    reference: Option<String>,
    name_key: String,
    civility: Option<String>,
    given_name: String,
    family_name: String,
    born_on: Option<Date>,
    mandates: String,
    groups: String,
    imported_at: DateTimeUtc,
});
entity!(member_form, "member_form", {
    #[sea_orm(primary_key, auto_increment = false)] member_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] form: String,
});
entity!(exchange_token, "exchange_token", {
    #[sea_orm(primary_key, auto_increment = false)] service: String,
    token: String,
    kept_at: DateTimeUtc,
});
entity!(import_run, "import_run", {
    #[sea_orm(primary_key, auto_increment = false)] number: i32,
    feed: String,
    source: String,
    digest: Option<String>,
    started_at: DateTimeUtc,
    beat_at: DateTimeUtc,
    state: String,
    why: Option<String>,
    created: i64,
    updated: i64,
    unchanged: i64,
    dossiers: i64,
    rejected: i64,
    ministries: String,
});
entity!(import_rejection, "import_rejection", {
    #[sea_orm(primary_key, auto_increment = false)] run: i32,
    #[sea_orm(primary_key, auto_increment = false)] seq: i32,
    source: String,
    code: String,
    reason: String,
});
entity!(import_dossier, "import_dossier", {
    #[sea_orm(primary_key, auto_increment = false)] run: i32,
    #[sea_orm(primary_key, auto_increment = false)] dossier_id: Uuid,
});
entity!(government_change, "government_change", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    from_name: String,
    to_name: String,
    leaves: bool,
    decreed_on: Date,
    unit_id: Option<Uuid>,
    who: String,
    at: DateTimeUtc,
    ended_at: Option<DateTimeUtc>,
});
entity!(government_move, "government_move", {
    #[sea_orm(primary_key, auto_increment = false)] change_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] dossier_id: Uuid,
});
entity!(denomination, "denomination", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    name: String,
    valid_from: Date,
    valid_until: Option<Date>,
});
entity!(discrepancy, "discrepancy", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    dossier_id: Uuid,
    point: String,
    state: String,
    found_at: DateTimeUtc,
});
entity!(published_record, "published_record", {
    #[sea_orm(primary_key, auto_increment = false)] identity: String,
    record: String,
});
entity!(settings_journal, "settings_journal", {
    #[sea_orm(primary_key, auto_increment = false)] seq: i32,
    at: DateTimeUtc,
    who: String,
    action: String,
    subject_kind: String,
    subject_id: String,
    payload: String,
});
entity!(compartment, "compartment", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    name: String,
    name_key: String,
    owner_id: Uuid,
    created_at: DateTimeUtc,
});
entity!(compartment_person, "compartment_person", {
    #[sea_orm(primary_key, auto_increment = false)] compartment_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] account_id: Uuid,
});
entity!(reading, "reading", {
    #[sea_orm(primary_key, auto_increment = false)] compartment_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] at: DateTimeUtc,
    #[sea_orm(primary_key, auto_increment = false)] dossier_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] account_id: Uuid,
});
entity!(seal, "seal", {
    #[sea_orm(primary_key, auto_increment = false)] number: i32,
    day: Date,
    leaves: i32,
    root: String,
    hash: String,
});
entity!(seal_leaf, "seal_leaf", {
    #[sea_orm(primary_key, auto_increment = false)] seal: i32,
    #[sea_orm(primary_key, auto_increment = false)] chain: String,
    length: i32,
    head: String,
});
entity!(settings_proof, "settings_proof", {
    #[sea_orm(primary_key, auto_increment = false)] number: i32,
    seq: i32,
    state: String,
    hash: String,
});
