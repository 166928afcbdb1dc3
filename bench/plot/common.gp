# common.gp - what all pictures share. In the folder of a run, by hand:
#
#   gnuplot …/bench/plot/common.gp …/bench/plot/lag.gp > lag.svg          (add -e narrow=1 in front for a phone)
#
# Colours are Okabe and Ito's, safe for the colour-blind; curves that share a colour's brightness differ in dashes, so
# that they survive print. Text and axes are black: the report turns black into the colour of its text.
if (!exists("narrow")) narrow = 0
if (!exists("title")) title = "orgsim"
width = narrow ? 360 : 720
height = narrow ? 320 : 380
set terminal svg size width,height dynamic noenhanced font "sans-serif,13" name title
set encoding utf8
set datafile separator comma
set datafile columnheaders

vermillion = "#D55E00"
blue = "#0072B2"
green = "#009E73"
grey = "#888888"

set border 3 linecolor "black" linewidth 0.75
set tics nomirror out scale 0.5
set grid linecolor rgb grey linewidth 0.4 dashtype 3
set key top left outside horizontal Left reverse samplen 2 height 0.3
if (narrow) {
    set key inside left top horizontal Left reverse samplen 1.2 width -2 maxcols 2
    set key at screen 0.02,0.985
    set tmargin 3.4
}
set rmargin 3

# A unit of time in which the greatest value reads well: its nanoseconds and its name.
minutes = 300e9
hours = 5 * 3600e9
days = 4 * 86400e9
unit_ns(max) = max < 2e3 ? 1 : max < 2e6 ? 1e3 : max < 2e9 ? 1e6 : max < minutes ? 1e9 : max < hours ? 60e9 : \
               max < days ? 3600e9 : 86400e9
unit_name(max) = max < 2e3 ? "ns" : max < 2e6 ? "µs" : max < 2e9 ? "ms" : max < minutes ? "s" : max < hours ? "min" : \
                 max < days ? "h" : "d"
