/* `orgsim operations`: the control plane's table, as people and programs read it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/document.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/page.h"
#include "cli/terminal.h"
#include "control/control.h"

static const char text[] = "Lists the operations of AWS Organizations: who may call each, how AWS throttles it\n"
                           "and whether it is modelled; of those named also what they take and what they may\n"
                           "answer beside the errors of all operations.\n";

static const struct {
    uint32_t    bit;
    char        letter;
    const char *name, *means;
} callers[] = {
    {CONTROL_BY_MANAGEMENT, 'M', "management", "the management account"},
    {CONTROL_BY_READER, 'R', "reader", "delegated administrators, and whom the resource policy lets read"},
    {CONTROL_BY_WRITER, 'W', "writer", "whom the resource policy lets do it"},
    {CONTROL_BY_MEMBER, 'm', "member", "a member account, of itself"},
    {CONTROL_BY_ANY, 'A', "any", "any account of the organization"},
    {CONTROL_BY_STANDALONE, 'S', "standalone", "any account, also of no organization"},
    {CONTROL_BY_PARTY, 'P', "party", "who is a party of the handshake"},
};

/* ---- parts ---- */

static str callers_text(arena *a, uint32_t set)
{
    str out = STR("");
    for (size_t i = 0; i < COUNTOF(callers); i++)
        if (set & callers[i].bit) out = arena_format(a, "%.*s%c", STR_FMT(out), callers[i].letter);
    return out;
}

static str members_text(arena *a, control_operation op, bool wanted)
{
    str out = STR("");
    for (uint32_t m = 0; m < CONTROL_MEMBER_COUNT; m++) {
        bool required;
        if (!control_takes(op, (control_member)m, &required) || required != wanted) continue;
        if (control_is_shorthand(op, (control_member)m)) continue;
        out =
            arena_format(a, "%.*s%s%s", STR_FMT(out), out.len > 0 ? ", " : "", control_member_name((control_member)m));
    }
    return out.len > 0 ? out : STR("none");
}

/* `0.1/s, 3` */
static str rate_text(arena *a, control_rate r)
{
    uint32_t whole = r.rate_milli / 1000, part = r.rate_milli % 1000, digits = 3;
    if (r.burst == 0) return STR("");
    for (; digits > 0 && part % 10 == 0; digits--) part /= 10;
    if (digits == 0) return arena_format(a, "%u/s, %u", whole, r.burst);
    return arena_format(a, "%u.%0*u/s, %u", whole, (int)digits, part, r.burst);
}

/* ---- text ---- */

static void line_put(page *p, control_operation op)
{
    const control_facts *f = control_operation_facts(op);
    str                  who = callers_text(p->a, f->callers), rate = rate_text(p->a, f->account);
    const char          *name = control_operation_name(op), *not_yet = control_modelled(op) ? "" : "not yet";
    if (p->columns < 72) {
        page_put(p, "", 2, STYLE_PLAIN, arena_format(p->a, "%s %.*s %s", name, STR_FMT(who), not_yet));
        return;
    }
    str line = arena_format(p->a, "%-43s %-4.*s %-9.*s %s", name, STR_FMT(who), STR_FMT(rate), not_yet);
    while (line.ptr[line.len - 1] == ' ') line.len--;
    page_put(p, arena_format(p->a, "%.*s", STR_FMT(line)).ptr, 2, STYLE_PLAIN, STR(""));
}

static void errors_put(page *p, const char *errors)
{
    str rest = str_of(errors);
    if (rest.len == 0) page_put(p, "  errors     ", 13, STYLE_PLAIN, STR("none of its own"));
    for (const char *first = "  errors     "; rest.len > 0; first = "             ") {
        size_t end = str_find(rest, ' ', 0);
        page_put(p, first, 13, STYLE_PLAIN, str_part(rest, 0, end));
        rest = end < rest.len ? str_part(rest, end + 1, rest.len - end - 1) : (str){0};
    }
}

static void one_put(page *p, control_operation op)
{
    const control_facts *f = control_operation_facts(op);
    str                  organization = rate_text(p->a, f->organization);
    page_put(p, "", 0, STYLE_BOLD, str_of(control_operation_name(op)));
    if (!control_modelled(op)) page_put(p, "  ", 2, STYLE_DIM, STR("not modelled yet"));
    for (size_t i = 0; i < COUNTOF(callers); i++)
        if (f->callers & callers[i].bit) page_put(p, "  caller     ", 13, STYLE_PLAIN, str_of(callers[i].means));
    page_put(p, "  required   ", 13, STYLE_PLAIN, members_text(p->a, op, true));
    page_put(p, "  optional   ", 13, STYLE_PLAIN, members_text(p->a, op, false));
    page_put(p, "  throttling ", 13, STYLE_PLAIN,
             arena_format(p->a, "%.*s at once, by account%s%.*s%s", STR_FMT(rate_text(p->a, f->account)),
                          organization.len > 0 ? "; " : "", STR_FMT(organization),
                          organization.len > 0 ? " at once, by organization" : ""));
    errors_put(p, f->errors);
    page_blank(p);
}

static void legend_put(page *p)
{
    uint32_t modelled = 0;
    for (uint32_t op = 0; op < CONTROL_OPERATION_COUNT; op++) modelled += control_modelled((control_operation)op);
    page_blank(p);
    page_put(p, "", 0, STYLE_PLAIN,
             arena_format(p->a, "%u operations, %u of them modelled. Callers, IAM policies and SCPs allowing:",
                          (uint32_t)CONTROL_OPERATION_COUNT, modelled));
    for (size_t i = 0; i < COUNTOF(callers); i++)
        page_put(p, arena_format(p->a, "  %c ", callers[i].letter).ptr, 4, STYLE_PLAIN, str_of(callers[i].means));
    page_put(
        p, "", 0, STYLE_PLAIN,
        STR("Throttling: calls a second of one account, and how many at once; `orgsim operations NAME` says more."));
}

/* ---- JSON ---- */

static void rate_out(out_node *parent, const char *name, control_rate r)
{
    if (r.burst == 0) return;
    out_node *o = out_object(parent, name);
    out_u64(o, "calls_per_1000_s", r.rate_milli);
    out_u64(o, "burst", r.burst);
}

static void operation_out(out_node *list, control_operation op)
{
    static const char *const kinds[] = {[CONTROL_WRITE] = "write", [CONTROL_READ] = "read", [CONTROL_LIST] = "list"};
    const control_facts     *f = control_operation_facts(op);
    out_node                *o = out_object(list, NULL), *who, *members[2], *errors;
    str                      rest = str_of(f->errors);
    out_text(o, "name", control_operation_name(op));
    out_bool(o, "modelled", control_modelled(op));
    out_text(o, "kind", kinds[f->kind]);
    who = out_array(o, "callers");
    for (size_t i = 0; i < COUNTOF(callers); i++)
        if (f->callers & callers[i].bit) out_text(who, NULL, callers[i].name);
    members[0] = out_array(o, "required");
    members[1] = out_array(o, "optional");
    for (uint32_t m = 0; m < CONTROL_MEMBER_COUNT; m++) {
        bool required;
        if (control_takes(op, (control_member)m, &required) && !control_is_shorthand(op, (control_member)m))
            out_text(members[!required], NULL, control_member_name((control_member)m));
    }
    rate_out(o, "throttle_account", f->account);
    rate_out(o, "throttle_organization", f->organization);
    errors = out_array(o, "errors");
    while (rest.len > 0) {
        size_t end = str_find(rest, ' ', 0);
        out_str(errors, NULL, str_part(rest, 0, end));
        rest = end < rest.len ? str_part(rest, end + 1, rest.len - end - 1) : (str){0};
    }
}

/* ---- the command ---- */

static int by_name(const void *a, const void *b)
{
    const control_operation *x = a, *y = b;
    return strcmp(control_operation_name(*x), control_operation_name(*y));
}

/* All of them, by name. */
static uint32_t operations_all(control_operation out[CONTROL_OPERATION_COUNT])
{
    for (uint32_t i = 0; i < CONTROL_OPERATION_COUNT; i++) out[i] = (control_operation)i;
    qsort(out, CONTROL_OPERATION_COUNT, sizeof *out, by_name);
    return CONTROL_OPERATION_COUNT;
}

static int unknown(str name)
{
    str known[CONTROL_OPERATION_COUNT];
    for (uint32_t i = 0; i < CONTROL_OPERATION_COUNT; i++)
        known[i] = str_of(control_operation_name((control_operation)i));
    str near = str_nearest(name, known, COUNTOF(known));
    if (near.ptr == NULL) return cli_usage("operations", "unknown operation `%.*s`", STR_FMT(name));
    return cli_usage("operations", "unknown operation `%.*s`, did you mean `%.*s`?", STR_FMT(name), STR_FMT(near));
}

static void print(str out)
{
    (void)fwrite(out.ptr, 1, out.len, stdout);
}

int cli_operations(int argc, char **argv)
{
    str               names[CONTROL_OPERATION_COUNT];
    control_operation asked[CONTROL_OPERATION_COUNT];
    uint32_t          count = 0;
    bool              json = false;
    const flag        flags[] = {{"json", NULL, FLAG_BOOL, &json, "everything, as JSON", NULL}};
    const command     c = {"operations", "[NAME...]",    text, "orgsim operations MoveAccount",
                           flags,        COUNTOF(flags), 0,    CONTROL_OPERATION_COUNT};
    int               code = arguments_read(&c, argc, argv, names, &count);
    if (code >= 0) return code;
    for (uint32_t i = 0; i < count; i++)
        if (!control_operation_of(names[i], &asked[i])) return unknown(names[i]);
    arena a;
    arena_init(&a, MEMORY_GENERAL);
    page      p = {.a = &a, .columns = terminal_columns()};
    document *d = document_new_array();
    bool      whole = count == 0;
    if (whole) count = operations_all(asked);
    for (uint32_t i = 0; i < count; i++) {
        if (json)
            operation_out(document_out(d), asked[i]);
        else if (whole)
            line_put(&p, asked[i]);
        else
            one_put(&p, asked[i]);
    }
    if (whole) legend_put(&p);
    print(json ? document_print(&a, d) : page_text(&p));
    document_free(d);
    arena_deinit(&a);
    return cli_finish(EXIT_OK);
}
