# What preinst and postinst share; put into both where they say @SHARED@.
programs=/opt/antin

# Whether somebody runs a program below the folder $1.
in_use() {
    for exe in /proc/[0-9]*/exe; do
        case "$(readlink "$exe" 2>/dev/null)" in "$1"/*) return 0 ;; esac
    done
    return 1
}
