# lag.gp - how many cells saw a change by when: every change thin, the slowest and the fastest marked (by the time until
# 99 % of the cells saw it). Reads lag.csv and changes.csv.
longest = 0
worst = -1
best = 1e300
slowest = 0
fastest = 0
accepted = 0
stats "changes.csv" using (strcol(5) eq "lag_p100" ? \
    (longest = $7 > longest ? $7 : longest, accepted = accepted + 1) : 0) nooutput
stats "changes.csv" using (strcol(5) eq "lag_p99" && $7 > worst ? (worst = $7, slowest = $1) : 0) nooutput
stats "changes.csv" using (strcol(5) eq "lag_p99" && $7 < best ? (best = $7, fastest = $1) : 0) nooutput
u = unit_ns(longest)
set xrange [0:longest > 0 ? longest / u * 1.04 : 1]
set yrange [0:100]
set format y "%g %%"
set xlabel sprintf("%s after the change was made", unit_name(longest))
set ylabel "cells that see it"
# The first row of a curve has no cell: it lifts the pen between two changes.
all(cells) = cells == 0 ? NaN : 100.0 * $2 / $3
only(change) = $1 == change ? 100.0 * $2 / $3 : NaN
of(change) = $1 == change ? $4 / u : NaN
plot "lag.csv" using ($4 / u):(all($2)) with steps linewidth 0.75 linecolor rgb grey \
         title (accepted > 2 ? "every change" : ""), \
     "lag.csv" using (of(fastest)):(only(fastest)) with steps linewidth 2 dashtype 2 linecolor rgb blue \
         title (accepted > 1 ? sprintf("fastest: %d", fastest) : ""), \
     "lag.csv" using (of(slowest)):(only(slowest)) with steps linewidth 2 linecolor rgb vermillion \
         title sprintf(accepted > 1 ? "slowest: %d" : "change %d", slowest)
