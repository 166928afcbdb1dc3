#include "cli/arguments.h"

#include <stdio.h>

#include "base/fixed.h"
#include "cli/cli.h"

#define FLAGS_MAX 32

static void help_print(const command *c)
{
    (void)printf("orgsim %s%s%s%s\n\n%s", c->name, c->flag_count > 0 ? " [flags]" : "", c->operands[0] ? " " : "",
                 c->operands, c->text);
    if (c->flag_count > 0) (void)puts("");
    for (uint32_t i = 0; i < c->flag_count; i++) {
        const flag *f = &c->flags[i];
        int         width = printf("  --%s%s%s", f->name, f->value ? " " : "", f->value ? f->value : "");
        (void)printf("%*s%s\n", width < 24 ? 24 - width : 2, "", f->help);
    }
    (void)printf("\nexample: %s\n", c->example);
}

/* `10_000` reads well in a shell, and so does `1e6`. */
static bool count_read(str s, uint64_t *out)
{
    char   digits[32];
    size_t n = 0, e = str_find(s, 'e', 0);
    str    whole = str_part(s, 0, e), exponent = e < s.len ? str_part(s, e + 1, s.len - e - 1) : STR("0");
    for (size_t i = 0; i < whole.len; i++) {
        if (whole.ptr[i] == '_' && i > 0 && i + 1 < whole.len) continue;
        if (n == sizeof digits) return false;
        digits[n++] = whole.ptr[i];
    }
    uint64_t value = 0, zeros = 0;
    if (!str_to_u64((str){digits, n}, &value) || !str_to_u64(exponent, &zeros) || zeros > 19) return false;
    for (; zeros > 0; zeros--)
        if (__builtin_mul_overflow(value, 10u, &value)) return false;
    *out = value;
    return true;
}

static bool hex_read(str s, uint64_t *out)
{
    if (!str_starts(s, STR("0x")) && !str_starts(s, STR("0X"))) return str_to_u64(s, out);
    uint64_t value = 0;
    if (s.len < 3 || s.len > 18) return false;
    for (size_t i = 2; i < s.len; i++) {
        char c = char_lower(s.ptr[i]);
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
        value = value << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *out = value;
    return true;
}

static int value_read(const command *c, const flag *f, str value)
{
    const char *expected = NULL;
    switch (f->kind) {
    case FLAG_BOOL: break;
    case FLAG_TEXT: *(str *)f->out = value; break;
    case FLAG_TEXTS: {
        text_list *list = f->out;
        if (list->count == FLAG_TEXTS_MAX)
            return cli_usage(c->name, "`--%s` given more than %d times", f->name, FLAG_TEXTS_MAX);
        list->items[list->count++] = value;
        break;
    }
    case FLAG_COUNT:
        if (!count_read(value, f->out)) expected = "a whole number";
        break;
    case FLAG_HEX:
        if (!hex_read(value, f->out)) expected = "a number of at most 64 bits, decimal or 0x hex";
        break;
    case FLAG_RATIO: {
        ratio *r = f->out;
        if (!fixed_parse_ratio(value, &r->num, &r->den) || r->num > r->den)
            expected = "a share from 0 to 1, as `1/1000` or `0.001`";
        break;
    }
    }
    if (expected != NULL) return cli_usage(c->name, "`--%s` is `%.*s`, expected %s", f->name, STR_FMT(value), expected);
    return -1;
}

static const flag *flag_find(const command *c, str name)
{
    for (uint32_t i = 0; i < c->flag_count; i++)
        if (str_is(name, c->flags[i].name)) return &c->flags[i];
    return NULL;
}

static int flag_unknown(const command *c, str name)
{
    str      names[FLAGS_MAX];
    uint32_t count = 0;
    for (; count < c->flag_count && count < FLAGS_MAX; count++) names[count] = str_of(c->flags[count].name);
    str near = str_nearest(name, names, count);
    if (near.ptr == NULL) return cli_usage(c->name, "unknown flag `--%.*s`", STR_FMT(name));
    return cli_usage(c->name, "unknown flag `--%.*s`, did you mean `--%.*s`?", STR_FMT(name), STR_FMT(near));
}

int arguments_read(const command *c, int argc, char **argv, str *operands, uint32_t *operand_count)
{
    bool     flags_end = false;
    uint32_t count = 0;
    for (int i = 0; i < argc; i++) {
        str word = str_of(argv[i]);
        if (!flags_end && str_is(word, "--")) {
            flags_end = true;
        } else if (!flags_end && word.len > 1 && word.ptr[0] == '-') {
            if (str_is(word, "--help") || str_is(word, "-h")) {
                help_print(c);
                return cli_finish(EXIT_OK);
            }
            if (word.ptr[1] != '-') return cli_usage(c->name, "unknown flag `%.*s`", STR_FMT(word));
            size_t      equals = str_find(word, '=', 0);
            str         name = str_part(word, 2, equals - 2);
            const flag *f = flag_find(c, name);
            if (f == NULL) return flag_unknown(c, name);
            bool inside = equals < word.len;
            if (f->kind == FLAG_BOOL && inside) return cli_usage(c->name, "`--%s` takes no value", f->name);
            if (f->kind != FLAG_BOOL && !inside && i + 1 == argc)
                return cli_usage(c->name, "`--%s` without %s", f->name, f->value);
            if (f->kind == FLAG_BOOL) {
                *(bool *)f->out = true;
            } else {
                str value = inside ? str_part(word, equals + 1, word.len - equals - 1) : str_of(argv[++i]);
                int code = value_read(c, f, value);
                if (code >= 0) return code;
            }
            if (f->given != NULL) *f->given = true;
        } else if (count >= c->operand_max) {
            return cli_usage(c->name, "unexpected argument `%.*s`", STR_FMT(word));
        } else {
            operands[count++] = word;
        }
    }
    if (count < c->operand_min) return cli_usage(c->name, "no %s given", c->operands);
    if (operand_count != NULL) *operand_count = count;
    return -1;
}
