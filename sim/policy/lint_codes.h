/* lint_codes.h - every finding that `orgsim check` knows: the one table behind the program, LINTS.md and the tests.
 *
 * To add a lint: 1. a row here, with the next free number of its family (numbers are never reused); 2. the check in
 * the lint_*.c of its theme, which calls lint_add with the row's id; 3. in tests/cases/lint a row that `shows` it and
 * one that `clears` it (prop_lint fails until both are there), and `orgsim check --codes > LINTS.md`.
 *
 * X(id, number, severity, name, what, help): `what` is a noun phrase, `help` one sentence on why and how to mend it.
 */
#ifndef POLICY_LINT_CODES_H
#define POLICY_LINT_CODES_H

/* clang-format off */
#define LINT_CODES(X) \
    /* what AWS refuses */ \
    X(JSON, 100, ERROR, "malformed-json", "text that is not well-formed JSON", \
      "Policies and scenarios are strict JSON: no comments, no trailing commas, no name twice in one object, UTF-8 " \
      "throughout.") \
    X(GRAMMAR, 101, ERROR, "grammar", "an element that is unknown, missing, repeated or of the wrong kind", \
      "Follow the IAM policy grammar; element names are matched letter by letter.") \
    X(TYPE, 102, ERROR, "not-for-this-type", "an element or effect that policies of this type do not take", \
      "Remove it, or check the file with the --type that it was written for.") \
    X(OPERATOR, 103, ERROR, "unknown-operator", "a condition operator that does not exist", \
      "Use an operator of the IAM guide, with ForAllValues: or ForAnyValue: before and IfExists behind it only.") \
    X(VALUE, 104, ERROR, "unreadable-value", "a condition value that its operator cannot read", \
      "Write numbers, dates, addresses and booleans in the form that the operator compares.") \
    X(ACTION, 105, ERROR, "malformed-action", "an action that is not `*` or `service:Name`", \
      "Write one service prefix without wildcards, one colon, and a name that may hold `*` and `?`.") \
    X(RESOURCE, 106, ERROR, "malformed-resource", "a resource that is not `*` or an ARN", \
      "Write all six parts of the ARN, or `*`.") \
    X(PRINCIPAL, 107, ERROR, "malformed-principal", "a principal that is not `*` or a whole name", \
      "Wildcards inside a principal are never expanded; use `*` with a condition on aws:PrincipalArn instead.") \
    X(VERSION, 108, ERROR, "version", "a Version that this type of policy does not take", \
      "Write \"Version\": \"2012-10-17\".") \
    X(SID, 109, ERROR, "sid", "a Sid with other characters than letters and digits, or used twice", \
      "Sids are letters and digits, each once in a policy.") \
    X(CHARACTER, 110, ERROR, "character", "a character that IAM does not store", \
      "Keep to U+0009, U+000A, U+000D and U+0020 to U+00FF.") \
    X(LEGACY, 111, ERROR, "newer-language", "a part of the SCP language that came in September 2025", \
      "Leave out --legacy, or use the older form.") \
    /* what cannot be checked: cli/check finds these */ \
    X(SCENARIO, 112, ERROR, "refused-scenario", "a scenario that `orgsim run` refuses", \
      "The reader stops at the first such error and nothing is checked behind it but the policies: mend it and " \
      "check again.") \
    X(UNREAD, 113, ERROR, "unread-file", "a file that cannot be read", \
      "Nothing of it was checked: mind the path, its permissions and its size.") \
    /* size */ \
    X(SIZE, 115, ERROR, "too-large", "a policy above the size quota, even without white space", \
      "Split the policy, shorten lists with wildcards, or drop Sids.") \
    X(SIZE_SPACE, 116, WARNING, "too-large-as-written", \
      "a policy that fits its size quota only without white space", \
      "Every character counts for SCPs and RCPs sent through the API: send it minified (--minified checks " \
      "that form).") \
    X(ATTACHMENTS, 117, ERROR, "too-many-attachments", "a target with more policies than the quota allows", \
      "Merge policies, or attach some of them higher up.") \
    /* actions */ \
    X(SERVICE_UNKNOWN, 120, WARNING, "unknown-service", "a service prefix that the catalogue does not know", \
      "A statement about a service that does not exist matches nothing; check the prefix in the Service " \
      "Authorization Reference.") \
    X(ACTION_UNKNOWN, 121, WARNING, "unknown-action", "an action that the catalogue does not know", \
      "AWS accepts it and it matches nothing; check the spelling, or the date of the catalogue.") \
    X(ACTION_NOTHING, 122, WARNING, "pattern-without-actions", "a pattern that no action of its service fits", \
      "It matches nothing today; check the spelling of the part before the wildcard.") \
    X(ACTION_BLANK, 123, WARNING, "action-never-matches", "an action whose name is empty or holds a blank", \
      "AWS accepts such a name and never matches it; in NotAction it excludes nothing.") \
    X(ACTION_STARS, 124, WARNING, "star-colon-star", "the action `*:*`", \
      "The grammar has no wildcard before the colon and tools disagree about it; write `*`.") \
    X(DUPLICATE, 125, WARNING, "duplicate-entry", "the same entry twice in one list", \
      "The second one changes nothing and counts towards the size; remove it.") \
    X(COVERED_ENTRY, 126, NOTE, "covered-entry", "an action that another entry of its list covers", \
      "Remove the narrower entry, or the broader one if it is broader than meant.") \
    X(ALLOW_NOT_ACTION, 127, NOTE, "allow-notaction", "Allow with NotAction", \
      "It allows every action but those listed, services that do not exist yet included; list what is wanted.") \
    X(DENY_NOT_ACTION, 128, WARNING, "deny-notaction-for-all", "Deny with NotAction, without any condition", \
      "It locks everybody, administrators and pipelines included, out of all but the listed actions; add a " \
      "condition.") \
    X(DENY_NOT_ACTION_PRINCIPAL, 129, NOTE, "deny-notaction-without-exemption", \
      "Deny with NotAction, whose conditions spare no principal", \
      "Without an exemption such as ArnNotLike on aws:PrincipalArn no role is left that could repair a mistake.") \
    X(RCP_SERVICE, 130, WARNING, "service-without-rcps", "an RCP about a service that does not honour RCPs", \
      "The statement has no effect on that service's resources; use an SCP or resource policies.") \
    /* resources */ \
    X(ALLOW_NOT_RESOURCE, 135, WARNING, "allow-notresource", "Allow with NotResource", \
      "It allows the actions on every resource but those, of other accounts too; list the resources that " \
      "are meant.") \
    X(RESOURCE_NEVER, 136, WARNING, "resources-fit-no-action", \
      "resources of which no action of the statement takes any", \
      "By the catalogue the statement never matches; name resources of the types that its actions take (a bucket is " \
      "not its objects).") \
    X(RESOURCE_ACTION, 137, WARNING, "action-without-resource", \
      "an action that takes none of the statement's resources", \
      "By the catalogue the statement never matches for it: name a resource of the type that it takes (a bucket is " \
      "not its objects).") \
    X(RESOURCE_VARIABLE, 138, WARNING, "variable-in-arn-head", "a policy variable before the last part of an ARN", \
      "Variables are honoured behind the fifth colon only; elsewhere the text is compared as it stands.") \
    X(RESOURCE_STAR, 139, NOTE, "action-takes-star", "an action without resource types beside a list of ARNs", \
      "By the catalogue only the resource `*` matches it; give such actions a statement of their own.") \
    /* policy variables */ \
    X(VARIABLE_VERSION, 140, WARNING, "variable-without-version", "a policy variable without Version 2012-10-17", \
      "Without \"Version\": \"2012-10-17\" `${...}` is plain text; add the version.") \
    X(VARIABLE_UNKNOWN, 141, WARNING, "unknown-variable", "a policy variable that names no condition key", \
      "An unresolved variable matches nothing (and everything under a negated operator); check the spelling.") \
    X(VARIABLE_MULTIVALUED, 142, WARNING, "multivalued-variable", "a policy variable of a multi-valued key", \
      "Keys with several values cannot be used as variables; compare the key in a condition.") \
    X(VARIABLE_OPEN, 143, WARNING, "unterminated-variable", "a `${` without its `}`", \
      "It is compared as plain text; close it, or write `${$}` for a dollar sign.") \
    /* conditions: keys */ \
    X(KEY_GLOBAL_UNKNOWN, 150, WARNING, "unknown-global-key", "a condition key `aws:...` that does not exist", \
      "It is never present, so a negated operator always matches and any other never; check the spelling.") \
    X(KEY_UNKNOWN, 151, WARNING, "unknown-key", "a condition key that no service defines", \
      "It is never present, so a negated operator always matches and any other never; check the spelling.") \
    X(KEY_SERVICE, 152, WARNING, "key-of-another-service", \
      "a condition key that no service of the statement's actions knows", \
      "It is absent from every request of these actions; move it to a statement about its service.") \
    X(KEY_TYPE, 153, WARNING, "operator-of-another-type", "an operator that does not fit the type of its key", \
      "Compare numbers with Numeric, dates with Date, addresses with IpAddress, booleans with Bool operators.") \
    X(KEY_TWICE, 154, WARNING, "key-twice", "one condition key twice under one operator, in different case", \
      "Key names ignore case and both must hold; list the values under one key.") \
    X(TAG_CASE, 155, WARNING, "tag-key-case", "tag keys that differ by case only", \
      "Tag keys in conditions ignore case while tags do not; agree on one spelling.") \
    X(KEY_WILDCARD, 156, WARNING, "wildcard-in-identifier", \
      "a wildcard in a key that identifies an account, organization or VPC", \
      "A wildcard here lets strangers match, or nobody under StringEquals and its kin; write whole identifiers.") \
    X(KEY_MULTIVALUED, 157, WARNING, "set-operator-missing", "a multi-valued key without a set operator", \
      "As soon as the key is present such a clause never holds; use ForAnyValue: or ForAllValues:.") \
    X(KEY_SINGLE, 158, NOTE, "set-operator-on-single-value", "a set operator on a key that has one value", \
      "The value counts as a set of one, and ForAllValues: also holds without the key; use the plain operator.") \
    X(FOR_ALL, 159, WARNING, "forallvalues-without-null", "ForAllValues: without a Null check of the key", \
      "It also holds when the key is absent, whatever the operator; add \"Null\": {\"KEY\": \"false\"}.") \
    /* conditions: values */ \
    X(WILDCARD_EQUALS, 160, WARNING, "wildcard-under-equals", "a wildcard under StringEquals or its kin", \
      "These operators compare `*` and `?` as plain characters; use StringLike.") \
    X(IP_PRIVATE, 161, WARNING, "private-source-ip", "a private address range under aws:SourceIp", \
      "aws:SourceIp is a public address and absent behind a VPC endpoint; use aws:VpcSourceIp for private ones.") \
    X(IP_UNGUARDED, 162, WARNING, "notipaddress-without-guard", \
      "Deny by NotIpAddress on aws:SourceIp that spares no call through AWS services or VPC endpoints", \
      "Such calls have another or no aws:SourceIp and are denied; add aws:ViaAWSService, aws:SourceVpc or " \
      "aws:SourceVpce.") \
    X(MFA_BOOL, 163, WARNING, "mfa-bool", "Deny by Bool on aws:MultiFactorAuthPresent", \
      "Long-term access keys carry no such key and slip through; use BoolIfExists.") \
    X(PRINCIPAL_SESSION, 164, WARNING, "session-arn", "a session ARN under aws:PrincipalArn", \
      "For a role session aws:PrincipalArn is the ARN of the role: write arn:aws:iam::ACCOUNT:role/NAME.") \
    X(PRINCIPAL_ROOT, 165, NOTE, "root-user-only", "an account's root ARN under aws:PrincipalArn", \
      "It is the root user alone, not everyone in the account; for the account compare aws:PrincipalAccount.") \
    X(DATE_YEAR, 166, WARNING, "four-digit-date", "a date of four digits", \
      "It reads as seconds since 1970, not as a year; write a whole date, or its seconds under Numeric operators.") \
    X(VALUE_NEVER, 167, WARNING, "impossible-value", "a value that its key never has", \
      "Accounts have 12 digits, organizations begin with o-, and aws:PrincipalType is Account, User, FederatedUser, " \
      "AssumedRole or Anonymous; a comparison with another value never finds it equal.") \
    /* conditions: logic */ \
    X(NULL_BOTH, 170, WARNING, "null-always", "Null with both true and false", \
      "It always holds; remove it or one of the values.") \
    X(CONTRADICTION, 171, WARNING, "contradiction", "conditions that never hold together", \
      "All clauses of a statement must hold, so the statement never matches; split it or remove one.") \
    X(SHADOWED, 172, WARNING, "shadowed-statement", "a statement that another one of the same effect implies", \
      "It changes no decision; remove it, or narrow the other.") \
    X(DENIED, 173, WARNING, "allow-denied", "an Allow that a Deny of the same policy covers wholly", \
      "Deny wins, so the Allow changes no decision; remove one of them.") \
    X(BOUNDED, 174, NOTE, "too-long-to-compare", "a policy too large for every check", \
      "Checks that compare statements, lists and names with each other stopped at a bound of work; split " \
      "the policy.") \
    X(MORE, 175, NOTE, "more-findings", "more findings than are listed", \
      "Mend the ones listed and check again.") \
    /* principals */ \
    X(PRINCIPAL_DECAYED, 180, WARNING, "deleted-principal", "the unique id of a user or role as principal", \
      "It is what is left of a deleted principal and matches nobody; name the principal again.") \
    X(PRINCIPAL_PUBLIC, 181, WARNING, "open-to-everyone", \
      "Allow for every principal, with no condition that says who asks or from where", \
      "Anyone with an AWS account, or anyone at all, is granted this; name principals, or compare " \
      "aws:PrincipalOrgID, aws:SourceVpce or the like with fixed values.") \
    X(NOT_PRINCIPAL, 182, NOTE, "deny-notprincipal", "Deny with NotPrincipal", \
      "Callers with a permissions boundary are denied even when listed; use `*` with ArnNotEquals on " \
      "aws:PrincipalArn.") \
    X(PRINCIPAL_ACCOUNT, 183, NOTE, "deny-account-principal", "Deny for an account or its root ARN", \
      "It denies every principal of the account, not the root user alone; name the principals that are meant.") \
    X(TRUST_ACTION, 184, WARNING, "trust-action", "an action in a trust policy that is no way to assume a role", \
      "Trust policies decide about sts:AssumeRole, its SAML and web identity forms, sts:TagSession, " \
      "sts:SetSourceIdentity and sts:SetContext.") \
    X(TRUST_FEDERATED, 185, WARNING, "trust-federated", "a federated principal with sts:AssumeRole alone", \
      "Federated callers come through sts:AssumeRoleWithSAML or sts:AssumeRoleWithWebIdentity; name that action.") \
    /* organizations */ \
    X(ALLOW_BESIDE_FULL, 190, WARNING, "allow-beside-broader", \
      "an Allow in an SCP beside a broader Allow at the same target", \
      "Allows of one level add up, so it changes nothing; detach the broader policy (often FullAWSAccess) " \
      "or this one.") \
    X(ALLOW_ABOVE, 191, WARNING, "allow-without-parent", \
      "an Allow in an SCP of actions that a level above does not allow at all", \
      "Every level must allow an action; allow it above, or remove it here.") \
    X(LEVEL_EMPTY, 192, WARNING, "level-allows-nothing", "a target whose SCPs allow nothing", \
      "Everything below is denied; attach FullAWSAccess or an allow list.") \
    X(UNATTACHED, 193, NOTE, "attached-nowhere", "a policy that is attached nowhere", \
      "It has no effect until it is attached.") \
    X(MANAGEMENT, 194, WARNING, "attached-to-management", \
      "an SCP or RCP attached to the management account itself", \
      "Neither type restricts the management account; move workloads to member accounts.") \
    X(DENY_ABOVE, 195, NOTE, "deny-repeated-below", "a Deny that a level above already has", \
      "Deny of a higher level holds for everything below; remove the lower one.") \
    /* KMS key policies */ \
    X(KEY_UNMANAGEABLE, 200, WARNING, "key-unmanageable", "a key policy that lets nobody change it", \
      "KMS refuses it unless its safety check is bypassed, and then only AWS Support can help: allow kms:* to the " \
      "root ARN of the account, or kms:PutKeyPolicy to an administrator.") \
    X(KEY_WITHOUT_ACCOUNT, 201, NOTE, "key-without-account", "a key policy that names no account", \
      "Identity policies count for a key only where its policy allows the account: add a statement for the root ARN, " \
      "or keep all permissions here.") \
    X(KEY_GIVEN_AWAY, 202, WARNING, "key-given-away", "a key policy that every account may change", \
      "Whoever may change the policy owns the key: name the principals, or limit the statement by " \
      "kms:CallerAccount or aws:PrincipalOrgID.") \
    X(KEY_OPEN, 203, WARNING, "key-open-by-condition", \
      "Allow for every principal in a key policy, whose conditions do not say who asks", \
      "kms:ViaService, a wildcard and what holds without its key let in callers of every account; compare " \
      "kms:CallerAccount, aws:PrincipalAccount or aws:PrincipalOrgID with fixed values.") \
    X(KEY_GRANT, 204, WARNING, "grant-without-condition", \
      "kms:CreateGrant in a key policy, without a condition on grants", \
      "A grant passes the key on to any principal of any account; add \"Bool\": " \
      "{\"kms:GrantIsForAWSResource\": \"true\"}, kms:GranteePrincipal or kms:GrantOperations.") \
    X(KEY_ACTION, 205, WARNING, "action-not-on-keys", "an action in a key policy that is not asked of a key", \
      "It has no effect here; allow it in an identity policy.")
/* clang-format on */

#endif
