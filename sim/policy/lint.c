#include "policy/lint.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

#include "policy/lint_rules.h"

static const lint_rule rules[LINT_CODE_COUNT] = {
#define LINT_ROW(id, number, severity, name, what, help) {number, LINT_SEVERITY_##severity, name, what, help},
    LINT_CODES(LINT_ROW)
#undef LINT_ROW
};

const lint_rule *lint_rule_of(lint_code code)
{
    assert(code < LINT_CODE_COUNT);
    return &rules[code];
}

const char *lint_severity_name(lint_severity s)
{
    static const char *const names[] = {"note", "warning", "error"};
    assert((size_t)s < COUNTOF(names));
    return names[s];
}

bool lint_code_find(str text, lint_code *out)
{
    uint64_t number = 0;
    if (text.len > 3 && str_eq_nocase(str_part(text, 0, 3), STR("ORG")))
        (void)str_to_u64(str_part(text, 3, text.len - 3), &number);
    for (int i = 0; i < LINT_CODE_COUNT; i++) {
        if (rules[i].number != number && !str_eq_nocase(text, str_of(rules[i].name))) continue;
        *out = (lint_code)i;
        return true;
    }
    return false;
}

/* ---- findings ---- */

void lint_report_add(arena *a, lint_report *r, lint_code code, size_t at, str text)
{
    if (r->count >= LINT_FINDINGS_MAX) {
        r->dropped++;
        return;
    }
    *ARENA_PUSH(a, lint_finding, r->items, r->count, r->capacity) =
        (lint_finding){.code = code, .at = at, .text = text};
}

void lint_add(linter *l, lint_code code, size_t at, const char *format, ...)
{
    err     text = {0}; /* makes one line of whatever the policy holds */
    va_list arguments;
    if (l->options.off != NULL && l->options.off[code]) return;
    if (l->report->count >= LINT_FINDINGS_MAX) {
        l->report->dropped++;
        return;
    }
    va_start(arguments, format);
    (void)err_set_list(&text, STATUS_INVALID, format, arguments);
    va_end(arguments);
    lint_report_add(l->a, l->report, code, at, arena_str(l->a, str_of(text.text)));
}

static int compare(const void *a, const void *b)
{
    const lint_finding *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    if (x->code != y->code) return x->code < y->code ? -1 : 1;
    return str_cmp(x->text, y->text);
}

/* Lines are counted in one pass over the text, however many findings there are. */
void lint_report_finish(const source *in, lint_report *r)
{
    size_t i = 0, begin = 0, line = in->line_first == 0 ? 1 : in->line_first;
    if (r->count > 1) qsort(r->items, r->count, sizeof *r->items, compare);
    for (size_t k = 0; k < r->count; k++) {
        lint_finding *f = &r->items[k];
        size_t        end = f->at < in->text.len ? f->at : in->text.len;
        for (; i < end; i++) {
            if (in->text.ptr[i] != '\n') continue;
            line++;
            begin = i + 1;
        }
        f->line = line;
        f->column = end - begin + 1;
    }
}

str lint_clip(str s)
{
    size_t len = s.len < 200 ? s.len : 200;
    while (len < s.len && len > 0 && ((unsigned char)s.ptr[len] & 0xc0) == 0x80) len--;
    return str_part(s, 0, len);
}

bool lint_work(linter *l, uint64_t bytes)
{
    l->work += bytes;
    return l->work <= LINT_WORK_MAX;
}

str lint_statement_name(linter *l, const policy_statement *s)
{
    if (s->sid.text.len > 0 && s->sid.text.len <= 128) return arena_format(l->a, "`%.*s`", STR_FMT(s->sid.text));
    return arena_format(l->a, "statement %zu", (size_t)(s - l->p->statements) + 1);
}

void lint_duplicates(linter *l, const lexeme *items, uint32_t count, bool nocase, const char *what)
{
    for (uint32_t i = 1; i < count; i++)
        for (uint32_t k = 0; k < i; k++) {
            str a = items[i].text, b = items[k].text;
            if (!lint_work(l, a.len == b.len ? a.len + 1 : 1)) return;
            if (!(nocase ? str_eq_nocase(a, b) : str_eq(a, b))) continue;
            lint_add(l, LINT_DUPLICATE, items[i].at, "%s `%.*s` stands twice in this list", what, LINT_FMT(a));
            break;
        }
}

/* ---- one policy ---- */

static const lint_code code_of_rule[] = {
    [PARSE_GRAMMAR] = LINT_GRAMMAR,     [PARSE_TYPE] = LINT_TYPE,       [PARSE_OPERATOR] = LINT_OPERATOR,
    [PARSE_VALUE] = LINT_VALUE,         [PARSE_ACTION] = LINT_ACTION,   [PARSE_RESOURCE] = LINT_RESOURCE,
    [PARSE_PRINCIPAL] = LINT_PRINCIPAL, [PARSE_VERSION] = LINT_VERSION, [PARSE_SID] = LINT_SID,
    [PARSE_CHARACTER] = LINT_CHARACTER, [PARSE_LEGACY] = LINT_LEGACY,
};

/* The reader's message begins with the name of the source: a short one here, so that line and column can be read back.
 */
static void add_broken(linter *l, size_t begin, const err *e)
{
    size_t      line = 0, column = 0, at = begin;
    const char *text = e->text + 2;
    for (; *text >= '0' && *text <= '9'; text++) line = line * 10 + (size_t)(*text - '0');
    for (text++; *text >= '0' && *text <= '9'; text++) column = column * 10 + (size_t)(*text - '0');
    size_t first = l->in->line_first == 0 ? 1 : l->in->line_first;
    at = 0;
    for (; first < line; first++) at = str_find(l->in->text, '\n', at) + 1;
    lint_add(l, LINT_JSON, at + column - 1, "%s", text + 2);
}

static void lint_size(linter *l)
{
    const policy *p = l->p;
    uint32_t      max = l->options.characters_max;
    bool          white_space_counts = p->type == POLICY_SCP || p->type == POLICY_RCP || p->type == POLICY_SESSION ||
                              p->type == POLICY_RESOURCE || p->type == POLICY_ENDPOINT;
    if (max == 0) return;
    if (p->characters_minified > max)
        lint_add(l, LINT_SIZE, p->at, "%u characters without white space, quota profile `%.*s` allows %u",
                 p->characters_minified, STR_FMT(l->options.quotas), max);
    else if (p->characters > max && !l->options.minified && white_space_counts)
        lint_add(l, LINT_SIZE_SPACE, p->at, "%u characters, %u without white space, quota profile `%.*s` allows %u",
                 p->characters, p->characters_minified, STR_FMT(l->options.quotas), max);
}

static void lint_each(linter *l)
{
    l->key_policy = lint_is_key_policy(l->p);
    for (uint32_t i = 0; i < l->p->statement_count; i++) {
        const policy_statement *s = &l->p->statements[i];
        lint_actions(l, s);
        lint_resources(l, s);
        lint_principals(l, s);
        lint_keys(l, s);
        lint_values(l, s);
        lint_logic(l, s);
    }
    lint_tag_keys(l);
    lint_statements(l);
    lint_key_policy(l);
    lint_size(l);
    if (l->work > LINT_WORK_MAX)
        lint_add(l, LINT_BOUNDED, l->p->at, "%u statements are too many to compare all of them", l->p->statement_count);
}

/* What is said of the check itself finds room in a full report too. */
static void add_last(linter *l, lint_code code, size_t at, str text)
{
    lint_report *r = l->report;
    if (l->options.off != NULL && l->options.off[code]) return;
    *ARENA_PUSH(l->a, lint_finding, r->items, r->count, r->capacity) =
        (lint_finding){.code = code, .at = at, .text = text};
}

const policy *lint_policy(arena *a, const source *in, size_t begin, size_t end, lint_options options,
                          const catalog *facts, lint_report *out)
{
    parse_refusals refusals = {0};
    source        *at_sign = ARENA_NEW(a, source, 1); /* the policy keeps it */
    policy        *p = NULL;
    err            e = {0};
    *at_sign = (source){STR("@"), in->text, in->line_first};
    linter l = {.a = a, .in = in, .facts = facts, .options = options, .report = out};
    status s = policy_parse_part(
        a, at_sign, begin, end,
        (policy_parse_options){.type = options.type, .dialect = options.dialect, .refusals = &refusals}, &p, &e);
    for (size_t i = 0; i < refusals.count; i++)
        lint_add(&l, code_of_rule[refusals.items[i].rule], refusals.items[i].at, "%.*s",
                 STR_FMT(refusals.items[i].text));
    out->dropped += refusals.dropped;
    if (s != STATUS_OK && s != STATUS_INVALID) add_broken(&l, begin, &e);
    if (s == STATUS_OK) {
        l.p = p;
        l.whole = refusals.count == 0;
        lint_each(&l);
    }
    if (l.work > LINT_WORK_MAX)
        add_last(&l, LINT_BOUNDED, begin,
                 arena_format(a, "%u statements with more to compare than this check does", p->statement_count));
    if (out->dropped > 0)
        add_last(&l, LINT_MORE, begin,
                 arena_format(a, "%llu more findings are not listed", (unsigned long long)out->dropped));
    lint_report_finish(in, out);
    return s == STATUS_OK ? p : NULL;
}
