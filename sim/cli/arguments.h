/* arguments.h - a command's arguments: flags by table, the rest in order; and its help, made from the same table.
 *
 * Flags are long words, `--name value` or `--name=value`. `--` ends them. An unknown flag is answered with the nearest.
 */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include "base/str.h"

typedef enum {
    FLAG_BOOL,  /* bool *; no value                               */
    FLAG_TEXT,  /* str *                                          */
    FLAG_TEXTS, /* text_list *; may be given again                */
    FLAG_COUNT, /* uint64_t *; decimal, `10_000` and `1e6` too    */
    FLAG_HEX,   /* uint64_t *; decimal or 0x hex                  */
    FLAG_RATIO  /* ratio *; `1/1000`, `0.001`                     */
} flag_kind;

#define FLAG_TEXTS_MAX 64
typedef struct {
    str      items[FLAG_TEXTS_MAX];
    uint32_t count;
} text_list;

typedef struct {
    uint64_t num, den;
} ratio;

typedef struct {
    const char *name, *value; /* `threads`, `N`; value null for FLAG_BOOL */
    flag_kind   kind;
    void       *out;
    const char *help;
    bool       *given; /* may be null */
} flag;

typedef struct {
    const char *name;     /* `run`                                     */
    const char *operands; /* `SCENARIO`                                */
    const char *text;     /* what it does; lines of at most 80 columns */
    const char *example;
    const flag *flags;
    uint32_t    flag_count;
    uint32_t    operand_min, operand_max;
} command;

/* Fills flags and operands (operand_max of them at most, UINT32_MAX: any number). Returns -1 to go on, else the exit
 * code: 0 after --help, 2 after one line about what is wrong. */
int arguments_read(const command *c, int argc, char **argv, str *operands, uint32_t *operand_count);

#endif
