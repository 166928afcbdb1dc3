# stale.gp - wrong answers over time, per bin of the series, and when the organization changed. Reads series.csv and
# changes.csv.
top = 1
from = 1e300
to = 0
bin = 0
shown = 0
is_wrong(metric) = metric eq "stale_allow" || metric eq "stale_deny"
stats "series.csv" using (is_wrong(strcol(2)) ? (top = $3 > top ? $3 : top) : 0) nooutput
stats "series.csv" using (from = $1 < from ? $1 : from, bin = $1 > to && to > 0 ? $1 - to : bin, \
                          to = $1 > to ? $1 : to) nooutput
is_change(answer, metric) = answer eq "accepted" && metric eq "stale_allow"
stats "changes.csv" using (is_change(strcol(4), strcol(5)) ? (shown = shown + 1) : 0) nooutput
to = to + bin
u = unit_ns(to)
set datafile missing NaN
set xrange [from / u:to / u]
set yrange [0:top * 1.12]
set xlabel sprintf("%s since the start of the run", unit_name(to))
set ylabel sprintf("wrong answers per %.3g %s", bin / unit_ns(bin), unit_name(bin))
wrong(metric) = strcol(2) eq metric ? $3 : NaN
instant(at) = is_change(strcol(4), strcol(5)) ? at / u : NaN
# Numbers stand where they do not touch; many changes are ticks at the top instead of lines.
crowd = shown > 60
last = -1e300
gap = (to - from) * (narrow ? 0.075 : 0.032)
label(x, at) = crowd || at - last < gap ? "" : (last = at, sprintf("%d", x))
middle(start) = (start + bin / 2) / u
set boxwidth bin / u
foot = crowd ? top * 1.06 : 0
rise = crowd ? top * 0.05 : top * 1.03
dash = crowd ? 1 : 2
text(x, at) = is_change(strcol(4), strcol(5)) ? label(x, at) : ""
plot "changes.csv" using (instant($2)):(foot):(0):(rise) with vectors nohead linewidth 0.75 dashtype dash \
         linecolor rgb grey title "change", \
     "changes.csv" using (instant($2)):(top * 1.07):(text($1, $2)) with labels font ",11" notitle, \
     "series.csv" using (middle($1)):(wrong("stale_allow")) with boxes \
         linecolor rgb vermillion fillstyle solid 0.85 noborder title "stale-allow", \
     "series.csv" using (middle($1)):(wrong("stale_deny")) with boxes \
         linecolor rgb blue fillstyle solid 0.3 border rgb blue title "stale-deny"
