/* The section on this machine: everything in it may differ the next time. */
#include "bench/report_page.h"

#include "base/file.h"
#include "bench/text.h"

static str duration(page *p, int64_t ns)
{
    return html_unbroken(p->a, text_duration(p->a, ns));
}

static void phases_table(page *p)
{
    const report_data *r = p->r;
    html_raw(&p->out,
             STR("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Phases\">\n<table>\n<caption>Time "
                 "by phase</caption>\n<thead><tr><th scope=\"col\">Phase</th><th scope=\"col\" class=\"number\">Wall "
                 "clock</th><th scope=\"col\" class=\"number\">Processors</th></tr></thead>\n<tbody>\n"));
    for (size_t i = 0; i < r->phase_count; i++)
        HTML(&p->out, "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
             r->phases[i].name, duration(p, r->phases[i].real_ns),
             r->phases[i].cpu_ns > 0 ? duration(p, r->phases[i].cpu_ns) : STR("not measured"));
    html_raw(&p->out, STR("</tbody>\n</table>\n</div>\n"));
}

static void memory_table(page *p)
{
    const report_data *r = p->r;
    HTML(&p->out, "<h3>Memory</h3>\n<p>At its peak the process held {}.", text_bytes(p->a, r->peak_resident_bytes));
    if (r->memory_count == 0) {
        html_raw(&p->out, STR(" Memory by subsystem was not measured in this build.</p>\n"));
        return;
    }
    html_raw(&p->out,
             STR("</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Memory\">\n<table>\n"
                 "<caption>Memory by subsystem, at the end</caption>\n<thead><tr><th scope=\"col\">Subsystem</th>"
                 "<th scope=\"col\" class=\"number\">In use</th><th scope=\"col\" class=\"number\">Resident</th></tr>"
                 "</thead>\n<tbody>\n"));
    for (size_t i = 0; i < r->memory_count; i++)
        HTML(&p->out, "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
             r->memory[i].name, text_bytes(p->a, r->memory[i].allocated_bytes),
             text_bytes(p->a, r->memory[i].resident_bytes));
    html_raw(&p->out, STR("</tbody>\n</table>\n</div>\n"));
}

static void deciding(page *p)
{
    const report_data *r = p->r;
    if (r->decisions_per_second > 0)
        HTML(&p->out, "<p>{} requests a second were simulated, on {} thread{}.",
             text_words(p->a, r->decisions_per_second), text_count(p->a, r->threads),
             r->threads == 1 ? STR("") : STR("s"));
    else
        html_raw(&p->out, STR("<p>How fast the run was is not known."));
    if (r->decide_mean_ns > 0)
        HTML(&p->out,
             " A decision alone took {} at the median and {} at the 99th percentile of {} timed batches' means.",
             duration(p, r->decide_50_ns), duration(p, r->decide_99_ns), text_count(p->a, r->decide_count));
    if (r->harness_tax >= 0)
        HTML(&p->out,
             " {} of the threads' time went into something else than deciding: {}making requests, queues, "
             "staleness, counting.",
             arena_format(p->a, "%.0f\u00a0%%", 100 * r->harness_tax),
             r->verified > 0 ? STR("asking the oracle, ") : STR(""));
    html_raw(&p->out, STR("</p>\n"));
    if (r->decide_mean_ns > 0)
        page_picture(p, PLOT_DECIDE, STR("Curve of the measured time of a decision by percentile"));
}

static void machine(page *p)
{
    const report_data *r = p->r;
    str                memory = text_bytes(p->a, r->memory_bytes), cpus = text_count(p->a, r->cpus);
    html_raw(&p->out, STR("<h3>Machine and build</h3>\n<dl class=\"facts\">\n"));
    page_fact(p, "Date", r->date);
    page_fact(p, "Processor",
              arena_format(p->a, "%.*s, %.*s usable%s", STR_FMT(r->cpu), STR_FMT(cpus),
                           r->virtual_machine ? ", a virtual machine" : ""));
    page_fact(p, "Governor", r->governor);
    page_fact(p, "Memory", memory);
    page_fact(p, "System", arena_format(p->a, "%.*s, %.*s", STR_FMT(r->os), STR_FMT(r->kernel)));
    page_fact(p, "Compiler", arena_format(p->a, "%.*s, %.*s", STR_FMT(r->compiler), STR_FMT(r->build_type)));
    page_fact(p, "Flags", r->flags);
    page_fact(p, "Libraries", arena_format(p->a, "%.*s, %.*s", STR_FMT(r->libc), STR_FMT(r->allocator)));
    page_fact(p, "Command", r->command);
    html_raw(&p->out, STR("</dl>\n"));
}

void page_sizes(page *p)
{
    html_raw(&p->out, STR("<h3>The core against the size of the organization</h3>\n"));
    if (!file_exists(arena_format(p->a, "%s/sizes.csv", p->folder).ptr)) {
        html_raw(&p->out, STR("<p class=\"soft\">Not measured here: put the sizes.csv that <code>orgsim bench core "
                              "--sizes</code> makes "
                              "into the folder of this run and make the report again.</p>\n"));
        return;
    }
    html_raw(&p->out,
             STR("<p>Decisions a second of one core, by the number of accounts (from sizes.csv, which <code>orgsim "
                 "bench core</code> made).</p>\n"));
    page_picture(p, PLOT_SIZES, STR("Curves of decisions a second against the number of accounts"));
}

void page_measured(page *p)
{
    const report_data *r = p->r;
    html_raw(
        &p->out,
        STR("<section class=\"measured\">\n<h2>Measured on one machine</h2>\n<p class=\"soft\">All above is "
            "simulated and the same everywhere. This part is wall-clock time of one machine at one moment.</p>\n"));
    if (!r->has_timing) {
        html_raw(&p->out,
                 STR("<p>There is no timing.json in the folder, so nothing is known of how fast this was.</p>\n"));
    } else {
        if (r->noisy)
            html_raw(&p->out,
                     STR("<p class=\"warning\">A noisy machine (virtual, with other load, or with a governor that "
                         "scales): take the figures of this part with care.</p>\n"));
        if (r->verified > 0)
            HTML(&p->out,
                 "<p class=\"warning\">With <code>--verify</code> the oracle, which is made to be obvious and not "
                 "fast, decided {} "
                 "too: how long this run took says nothing of how fast orgsim decides.</p>\n",
                 text_plural(p->a, r->verified, "request", "requests"));
        deciding(p);
        phases_table(p);
        memory_table(p);
    }
    page_sizes(p);
    if (r->has_timing) machine(p);
    html_raw(&p->out, STR("</section>\n"));
}
