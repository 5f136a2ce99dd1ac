package dev.maestro.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A program that runs the rest of its arguments.
 *
 * @param valued its short options with a value
 * @param operand whether one argument of its own stands before the program
 * @param commands those of its commands that run something; empty if it does nothing else
 * @param any whether what is none of its commands may be a program, too
 */
record Wrapper(String valued, boolean operand, Set<String> commands, boolean any) {

  private static final Map<String, Wrapper> ALL =
      Map.ofEntries(
          Map.entry("sudo", options("ugpCchrRTtD")),
          Map.entry("doas", options("uC")),
          Map.entry("env", options("uSC")),
          Map.entry("nice", options("n")),
          Map.entry("ionice", options("cnpPu")),
          Map.entry("timeout", options("ks").withOperand()),
          Map.entry("time", options("fo")),
          Map.entry("stdbuf", options("ioe")),
          Map.entry("xargs", options("aEILnPsdRSJ")),
          Map.entry("exec", options("a")),
          Map.entry("nohup", options("")),
          Map.entry("setsid", options("")),
          Map.entry("command", options("")),
          Map.entry("builtin", options("")),
          Map.entry("busybox", options("")),
          Map.entry("parallel", options("jIN")),
          Map.entry("coproc", options("")),
          Map.entry("strace", options("eopsuPaIbEOSX")),
          Map.entry("ltrace", options("eopsuaAnlx")),
          Map.entry("unshare", options("SG")),
          Map.entry("nsenter", options("tSG")),
          Map.entry("taskset", options("p").withOperand()),
          Map.entry("chrt", options("pTPD").withOperand()),
          Map.entry("flock", options("wE").withOperand()),
          Map.entry("pkexec", options("")),
          Map.entry("runuser", options("ugG")),
          Map.entry("systemd-run", options("pHM")),
          Map.entry("chroot", options("").withOperand()),
          Map.entry("gosu", options("").withOperand()),
          Map.entry("su-exec", options("").withOperand()),
          Map.entry("fakeroot", options("lsibc")),
          Map.entry("unbuffer", options("")),
          Map.entry("xvfb-run", options("efnpsw")),
          Map.entry("dbus-run-session", options("")),
          Map.entry("caffeinate", options("tw")),
          Map.entry("chronic", options("")),
          Map.entry("prlimit", options("p")),
          Map.entry("setpriv", options("")),
          Map.entry("numactl", options("ipmNCP")),
          Map.entry("torsocks", options("uapP")),
          Map.entry("proxychains", options("f")),
          Map.entry("npx", options("pc")),
          Map.entry("npm", options("cw").commands("exec", "x")),
          Map.entry("pnpm", options("CF").commands("exec", "dlx", "run").orAny()),
          Map.entry("yarn", options("").commands("exec", "dlx", "run").orAny()),
          Map.entry("conda", options("np").commands("run")),
          Map.entry("mamba", options("np").commands("run")),
          Map.entry("micromamba", options("np").commands("run")),
          Map.entry("hatch", options("ep").commands("run")),
          Map.entry("pdm", options("p").commands("run")),
          Map.entry("rye", options("").commands("run")),
          Map.entry("pixi", options("e").commands("run")),
          Map.entry("devbox", options("ce").commands("run")),
          Map.entry("asdf", options("").commands("exec")),
          Map.entry("dotenv", options("fec")),
          Map.entry("arch", options("e")),
          Map.entry("bunx", options("p")),
          Map.entry("bun", options("").commands("x")),
          Map.entry("deno", options("").commands("run", "x")),
          Map.entry("uvx", options("pcf")),
          Map.entry("corepack", options("")),
          Map.entry("cross-env", options("")),
          Map.entry("shx", options("")),
          Map.entry("toybox", options("")),
          Map.entry("rbenv", options("").commands("exec")),
          Map.entry("pyenv", options("").commands("exec")),
          Map.entry("nodenv", options("").commands("exec")),
          Map.entry("goenv", options("").commands("exec")),
          Map.entry("jenv", options("").commands("exec")),
          Map.entry("volta", options("").commands("run")),
          Map.entry("fnm", options("").commands("exec")),
          Map.entry("aws-vault", options("").withOperand().commands("exec")),
          Map.entry("op", options("").commands("run")),
          Map.entry("doppler", options("pc").commands("run")),
          Map.entry("chamber", options("").withOperand().commands("exec")),
          Map.entry("heroku", options("a").commands("run")),
          Map.entry("foreman", options("ef").commands("run")),
          Map.entry("honcho", options("ef").commands("run")),
          Map.entry("dotenvx", options("f").commands("run")),
          Map.entry("sshpass", options("pfPe")),
          Map.entry("proxychains4", options("f")),
          Map.entry("tsocks", options("")),
          Map.entry("valgrind", options("")),
          Map.entry("eatmydata", options("")),
          Map.entry("catchsegv", options("")),
          Map.entry("ssh-agent", options("aEtP")),
          Map.entry("dbus-launch", options("")),
          Map.entry("systemd-inhibit", options("")),
          Map.entry("faketime", options("").withOperand()),
          Map.entry("pipx", options("").commands("run")),
          Map.entry("uv", options("pf").commands("run", "tool run")),
          Map.entry("poetry", options("").commands("run")),
          Map.entry("pipenv", options("").commands("run")),
          Map.entry("bundle", options("").commands("exec")),
          Map.entry("direnv", options("").withOperand().commands("exec")),
          Map.entry("mise", options("").commands("exec")));

  private static Wrapper options(String valued) {
    return new Wrapper(valued, false, Set.of(), false);
  }

  private Wrapper withOperand() {
    return new Wrapper(valued, true, commands, any);
  }

  private Wrapper commands(String... names) {
    return new Wrapper(valued, operand, Set.of(names), any);
  }

  private Wrapper orAny() {
    return new Wrapper(valued, operand, commands, true);
  }

  /** {@return the wrapper that is called so, or null} */
  static @Nullable Wrapper of(String program) {
    return ALL.get(program);
  }

  /** {@return what it runs, each in the ways in which its options may be understood} */
  List<List<String>> inner(List<String> words) {
    int begin = begin(words);
    if (begin > words.size()) {
      return List.of();
    }
    List<List<String>> all = new ArrayList<>();
    int from = afterOptions(words, begin, valued);
    add(words, from, all);
    if (from > begin && from < words.size() && words.get(from - 1).matches("--[^=]+")) {
      // the word may be the value of the option before it
      add(words, afterOptions(words, from + 1, valued), all);
    }
    return all;
  }

  /** Where its options begin, which are behind its command; behind all words if it runs nothing. */
  private int begin(List<String> words) {
    if (commands.isEmpty()) {
      return 1;
    }
    int begin = afterOptions(words, 1, valued) + 1;
    if (begin > words.size()) {
      return begin;
    }
    String command = words.get(begin - 1);
    if (commands.contains(command)) {
      return begin;
    } else if (begin < words.size() && commands.contains(command + " " + words.get(begin))) {
      return begin + 1;
    }
    return any ? begin - 1 : words.size() + 1;
  }

  /** {@return its own words, if it runs something, with the first that may be no option} */
  List<String> own(List<String> words) {
    int begin = begin(words);
    return begin > words.size()
        ? List.of()
        : words.subList(begin, Math.min(afterOptions(words, begin, valued) + 1, words.size()));
  }

  private void add(List<String> words, int afterOptions, List<List<String>> all) {
    int from = operand ? afterOptions + 1 : afterOptions;
    if (from < words.size()) {
      all.add(words.subList(from, words.size()));
    }
  }

  /** Where the first argument is that is neither an option nor the value of one. */
  static int afterOptions(List<String> words, int from, String withValue) {
    int i = from;
    while (i < words.size() && words.get(i).startsWith("-")) {
      String word = words.get(i);
      if (word.equals("--")) {
        return i + 1;
      }
      i += takesNext(word, withValue) ? 2 : 1;
    }
    return Math.min(i, words.size());
  }

  /** Of a cluster the first with a value has the rest of it as its value, if there is a rest. */
  private static boolean takesNext(String option, String withValue) {
    for (int i = 1; i < option.length() && option.charAt(1) != '-'; i++) {
      if (withValue.indexOf(option.charAt(i)) >= 0) {
        return i == option.length() - 1;
      }
    }
    return false;
  }
}
