#include "cli/eval_answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "authz/case.h"
#include "oracle/oracle.h"
#include "policy/case.h"

#define ROW_BYTES_KEPT ((size_t)8 << 20) /* what a worker keeps of the memory that a large row took */

void answer_worker_init(answer_worker *w, const answer_options *o, size_t table_bytes)
{
    arena_init(&w->row, MEMORY_POLICY);
    w->table = policy_table_new(table_bytes);
    if (!o->oracle) policy_table_prepare(w->table, o->facts);
}

void answer_worker_deinit(answer_worker *w)
{
    arena_deinit(&w->row);
    policy_table_free(w->table);
}

/* ---- text ---- */

void answer_text_free(answer_text *t)
{
    memory_free(MEMORY_GENERAL, t->ptr);
    *t = (answer_text){0};
}

static void put(answer_text *t, str s)
{
    if (s.len > t->capacity - t->len) {
        size_t wider = t->capacity * 2 + s.len + 4096;
        t->ptr = memory_realloc(MEMORY_GENERAL, t->ptr, t->len, wider);
        t->capacity = wider;
    }
    memcpy(t->ptr + t->len, s.ptr, s.len);
    t->len += s.len;
}

static void put_number(answer_text *t, uint64_t n)
{
    char digits[20];
    int  len = snprintf(digits, sizeof digits, "%" PRIu64, n);
    put(t, (str){digits, (size_t)len});
}

/* As a literal. Most texts are plain and stand as they are. */
static void put_quoted(answer_text *t, arena *a, str s)
{
    bool special = false;
    for (size_t i = 0; i < s.len; i++)
        special |=
            (unsigned char)s.ptr[i] < ' ' || (unsigned char)s.ptr[i] >= 0x80 || s.ptr[i] == '"' || s.ptr[i] == '\\';
    if (special) {
        put(t, json_quote(a, s));
        return;
    }
    put(t, STR("\""));
    put(t, s);
    put(t, STR("\""));
}

/* ---- one record ---- */

/* A record was read as a text of its own, from its first line on. Where that line does not begin with the record, the
 * columns of that line are larger in the input. */
static void place_in_input(err *e, const answer_record *r)
{
    err      own = *e;
    uint64_t line = 0, column = 0;
    char    *end = NULL;
    size_t   name = r->name.len < 400 ? r->name.len : 400; /* as much as err_at puts in front */
    if (r->column <= 1 || strlen(own.text) <= name + 1) return;
    line = strtoull(own.text + name + 1, &end, 10);
    if (line != r->line || *end != ':') return;
    column = strtoull(end + 1, &end, 10);
    (void)err_set(e, own.code, "%.*s:%" PRIu64 ":%" PRIu64 "%s", (int)name, own.text, line, column + r->column - 1,
                  end);
}

static status decide(answer_worker *w, const answer_options *o, const answer_record *r, const source *in,
                     policy_case *c, decision *out, err *e)
{
    static const derive_facts nothing = {.unix_seconds = DERIVE_NO_TIME};
    if (r->flaw != NULL) {
        *c = (policy_case){0};
        return err_at(e, STATUS_SYNTAX, (place){in, 0}, "%s", r->flaw);
    }
    case_options options = {.table = w->table, .strict = o->strict};
    TRY(case_read_as(&w->row, in, 0, in->text.len, options, c, e));
    if (o->derive && o->oracle)
        oracle_derive(&w->row, &c->request, &nothing);
    else if (o->derive)
        request_derive(&w->row, &c->request, &nothing);
    *out = o->oracle ? oracle_decide(c, o->facts) : authz_decide_case(&w->row, c, o->facts);
    return STATUS_OK;
}

static void put_diagnostics(answer_text *out, answer_worker *w, const policy_case *c, const catalog *facts)
{
    diagnostic *items = NULL;
    uint32_t    count = authz_diagnose_case(&w->row, c, facts, &items);
    for (uint32_t i = 0; i < count; i++) {
        put(out, i == 0 ? STR(",\"diagnostics\":[") : STR(","));
        put_quoted(out, &w->row, diagnostic_text(&w->row, &items[i]));
    }
    if (count > 0) put(out, STR("]"));
}

status answer_record_decide(answer_worker *w, const answer_options *o, const answer_record *r, answer_text *out, err *e)
{
    source      in = {r->name, r->text, r->line};
    policy_case c;
    decision    d = {0, 0, 0};
    status      s = decide(w, o, r, &in, &c, &d, e);
    if (s != STATUS_OK) place_in_input(e, r);
    if (c.id.ptr != NULL) {
        put(out, STR("{\"id\":"));
        put_quoted(out, &w->row, c.id);
    } else {
        put(out, r->element ? STR("{\"index\":") : STR("{\"line\":"));
        put_number(out, r->element ? r->number : r->line);
    }
    if (s == STATUS_OK) {
        put(out, STR(",\"decision\":\""));
        put(out, str_of(decision_name(d.kind)));
        put(out, STR("\""));
        if (o->diagnostics) put_diagnostics(out, w, &c, o->facts);
    } else {
        put(out, STR(",\"error\":"));
        put_quoted(out, &w->row, str_of(e->text));
    }
    put(out, STR("}\n"));
    policy_table_trim(w->table);
    if (arena_bytes(&w->row) > ROW_BYTES_KEPT) {
        arena_deinit(&w->row);
        arena_init(&w->row, MEMORY_POLICY);
    } else {
        arena_reset(&w->row);
    }
    return s;
}
