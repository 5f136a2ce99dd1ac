package dev.maestro.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** All programs that a command would run, those that run others looked through. */
final class Programs {

  /** Words of the shell's language that stand before a command. */
  private static final Set<String> LANGUAGE =
      Set.of("{", "}", "!", "if", "then", "else", "elif", "fi", "while", "until", "do", "done");

  private static final Set<String> SHELLS =
      Set.of("sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "rbash", "mksh");

  /** What a shell reads when it is told to read its input. */
  private static final Set<String> STANDARD_INPUT = Set.of("-", "/dev/stdin", "/dev/fd/0");

  /** Programs that take code as an argument, without their versions, and the options for it. */
  private static final Map<String, Set<String>> INLINE_CODE =
      Map.ofEntries(
          Map.entry("python", Set.of("c")),
          Map.entry("pypy", Set.of("c")),
          Map.entry("perl", Set.of("e", "E")),
          Map.entry("ruby", Set.of("e")),
          Map.entry("node", Set.of("e", "p", "eval", "print")),
          Map.entry("nodejs", Set.of("e", "p", "eval", "print")),
          Map.entry("bun", Set.of("e", "eval")),
          Map.entry("php", Set.of("r", "run")),
          Map.entry("lua", Set.of("e")));

  /** Settings of git that make it run something. */
  private static final Pattern GIT_RUNS =
      Pattern.compile(
          "(?is)(alias|pager|filter|credential|remote|url|protocol)\\..*"
              + "|.*\\.(program|helper|command|cmd|driver|textconv|process)=.*"
              + "|(core\\.(pager|sshcommand|gitproxy|editor|askpass|fsmonitor|hookspath)"
              + "|sequence\\.editor|diff\\.external|uploadpack\\.packobjectshook)=.*");

  /** Programs that run the rest of their arguments, and those of their options with a value. */
  private static final Map<String, String> WRAPPERS =
      Map.ofEntries(
          Map.entry("sudo", "ugpCchrRTtD"),
          Map.entry("doas", "uC"),
          Map.entry("env", "uSC"),
          Map.entry("nice", "n"),
          Map.entry("ionice", "cnpPu"),
          Map.entry("timeout", "ks"),
          Map.entry("time", "fo"),
          Map.entry("stdbuf", "ioe"),
          Map.entry("xargs", "aEIiLlnPsd"),
          Map.entry("exec", "a"),
          Map.entry("nohup", ""),
          Map.entry("setsid", ""),
          Map.entry("command", ""),
          Map.entry("builtin", ""),
          Map.entry("busybox", ""),
          Map.entry("parallel", "jIN"),
          Map.entry("coproc", ""),
          Map.entry("strace", "eopsuPaIbEOSX"),
          Map.entry("unshare", "SG"),
          Map.entry("nsenter", "tSG"),
          Map.entry("taskset", "p"),
          Map.entry("flock", "wE"),
          Map.entry("pkexec", ""),
          Map.entry("runuser", "ugG"),
          Map.entry("systemd-run", "pHM"),
          Map.entry("chroot", ""));

  /** Wrappers that take one argument of their own before the program. */
  private static final Set<String> WITH_OPERAND = Set.of("timeout", "chroot", "taskset", "flock");

  /** A program with one of these in its name is known only when it runs. */
  private static final String NOT_PLAIN = "*?[{" + ShellText.UNKNOWN + ShellText.UNKNOWN_WORDS;

  private static final Set<String> EXECS = Set.of("-exec", "-execdir", "-ok", "-okdir");

  private final List<Words> all = new ArrayList<>();
  private final List<String> written = new ArrayList<>();
  private Optional<String> doubt = Optional.empty();
  private int depth;
  // whose input a shell within it would read
  private ShellText.@Nullable Command reading;

  List<Words> all() {
    return all;
  }

  /** {@return the files that output is sent to} */
  List<String> written() {
    return written;
  }

  /** {@return why it is not known what would run, if so} */
  Optional<String> doubt() {
    return doubt;
  }

  /** Take a text for a shell. */
  void take(String shellText) {
    if (depth >= CommandRules.MOST_NESTED) {
      doubt("it is nested too deeply");
      return;
    }
    depth++;
    ShellText.Reading reading = ShellText.read(shellText);
    if (reading.unclear()) {
      doubt("it ends in the middle of something, or is nested too deeply");
    }
    reading.commands().forEach(this::take);
    depth--;
  }

  private void take(ShellText.Command command) {
    written.addAll(command.writes());
    if (command.writes().stream().anyMatch(file -> file.matches("/dev/(sd|nvme|vd|hd|disk).*"))) {
      doubt("it writes to a disk");
    }
    List<String> words = command.words();
    int from = 0;
    while (from < words.size()
        && (LANGUAGE.contains(words.get(from))
            || isAssignment(words.get(from))
            || isFunction(words, from))) {
      from++;
    }
    if (from == words.size()) {
      return;
    }
    ShellText.Command outer = reading;
    reading = command;
    take(words.subList(from, words.size()));
    reading = outer;
  }

  /** {@code function f {}, which is longer than {@code f() {}. */
  private static boolean isFunction(List<String> words, int at) {
    return words.get(at).equals("function") || at > 0 && words.get(at - 1).equals("function");
  }

  private static boolean isAssignment(String word) {
    return word.matches("(?s)[A-Za-z_][A-Za-z0-9_]*\\+?=.*");
  }

  /** Take a program with its arguments. */
  void take(List<String> words) {
    String program = Words.name(words.get(0));
    if (program.isEmpty() || program.chars().anyMatch(c -> NOT_PLAIN.indexOf(c) >= 0)) {
      doubt("its program is known only when it runs");
      return;
    }
    Words told = new Words(words);
    all.add(told);
    if (SHELLS.contains(program) || program.equals("su")) {
      shell(program, words);
    } else if (program.equals("source") || program.equals(".")) {
      script(words.subList(1, words.size()));
    } else if (program.equals("eval")) {
      joined(words, 1);
    } else if (program.equals("trap")) {
      trapped(words);
    } else if (program.equals("ssh")) {
      joined(words, afterOptions(words, 1, "BbcDEeFIiJLlmOopQRSWw") + 1);
    } else if (program.equals("watch")) {
      joined(words, afterOptions(words, 1, "n"));
    } else if (program.equals("find")) {
      found(words);
    } else if (program.equals("git")) {
      settings(words);
    } else if (WRAPPERS.containsKey(program)) {
      wrapped(program, words);
    } else if (told.hasOption(INLINE_CODE.getOrDefault(withoutVersion(program), Set.of()))) {
      doubt("it has code of " + program + " in an argument");
    }
  }

  private static String withoutVersion(String program) {
    return program.replaceFirst("[0-9.]+$", "");
  }

  /** A shell runs the argument of {@code -c}, a script, or what it reads. */
  private void shell(String program, List<String> words) {
    boolean code = false;
    boolean reads = false;
    List<String> operands = new ArrayList<>();
    for (int i = 1; i < words.size(); i++) {
      String word = words.get(i);
      boolean option = operands.isEmpty() && word.matches("(?s)[-+].+");
      if (word.matches("(?s)--c[a-z]*=.*") && "--command".startsWith(word.split("=", 2)[0])) {
        take(word.substring(word.indexOf('=') + 1));
        return;
      } else if (word.startsWith("--c") && "--command".startsWith(word)) {
        code = true;
        operands.clear();
      } else if (program.equals("su") && word.matches("(?s)-[a-z]*c.+")) {
        take(word.substring(word.indexOf('c') + 1));
        return;
      } else if (program.equals("su") && word.matches("-[a-z]*c")) {
        code = true;
        operands.clear();
      } else if (option && word.matches("-[a-zA-Z]+")) {
        code |= word.indexOf('c') > 0;
        reads |= word.indexOf('s') > 0;
        i += word.matches("-[a-zA-Z]*[oO]") ? 1 : 0;
      } else if (option && word.matches("--(rcfile|init-file)")) {
        i++;
      } else if (!option) {
        operands.add(word);
      }
    }
    if (code && !operands.isEmpty()) {
      take(operands.get(0));
    } else if (!code && (reads || operands.isEmpty())) {
      whatItReads();
    } else if (!code && !program.equals("su")) {
      script(operands);
    }
  }

  private void script(List<String> operands) {
    if (operands.isEmpty() || STANDARD_INPUT.contains(operands.get(0))) {
      whatItReads();
    } else if (operands.get(0).matches("[" + ShellText.UNKNOWN + ShellText.UNKNOWN_WORDS + "]+")) {
      doubt("a shell runs what is known only when it runs");
    }
  }

  private void whatItReads() {
    ShellText.Command command = reading;
    if (command != null) {
      command.input().forEach(this::take);
      if (command.piped()) {
        doubt("a shell reads what another command prints");
      }
    }
  }

  private void trapped(List<String> words) {
    int from = afterOptions(words, 1, "");
    if (from < words.size()) {
      take(words.get(from));
    }
  }

  /** Git runs what some of its settings say, and they may stand in the command. */
  private void settings(List<String> words) {
    for (int i = 1; i + 1 < words.size() && words.get(i).startsWith("-"); i++) {
      String option = words.get(i);
      if (option.equals("-c")) {
        i++;
        setting(words.get(i));
      } else if (option.startsWith("--config-env")) {
        doubt("a setting of git is known only when it runs");
      } else if (Words.takesNext(option)) {
        i++;
      }
    }
  }

  private void setting(String setting) {
    int value = setting.indexOf('=') + 1;
    if (GIT_RUNS.matcher(setting).matches()) {
      doubt("a setting of git may run something");
      if (setting.startsWith("!", value)) {
        take(setting.substring(value + 1));
      }
    }
  }

  /** Programs that hand the rest of their words to a shell, with blanks between. */
  private void joined(List<String> words, int from) {
    if (from < words.size()) {
      take(String.join(" ", words.subList(from, words.size())));
    }
  }

  private void found(List<String> words) {
    for (int i = 1; i < words.size(); i++) {
      if (EXECS.contains(words.get(i)) && i + 1 < words.size()) {
        int end = i + 1;
        while (end < words.size() && !words.get(end).equals(";") && !words.get(end).equals("+")) {
          end++;
        }
        if (end > i + 1) {
          take(words.subList(i + 1, end));
        }
        i = end;
      }
    }
  }

  private void wrapped(String program, List<String> words) {
    if (program.equals("command") && words.size() > 1 && words.get(1).matches("-[pvV]*[vV].*")) {
      return;
    }
    String withValue = WRAPPERS.getOrDefault(program, "");
    int from = afterOptions(words, 1, withValue);
    within(program, words, from);
    if (from > 1 && from < words.size() && words.get(from - 1).matches("--[^=]+")) {
      // the word may be the value of the option before it
      within(program, words, afterOptions(words, from + 1, withValue));
    }
    if (program.equals("env")) {
      splitString(words);
    } else if (program.equals("coproc")) {
      doubt("a command talks to another");
    } else if (program.equals("flock") || program.equals("runuser")) {
      shell("su", words);
    }
  }

  private void within(String wrapper, List<String> words, int afterOptions) {
    int from = WITH_OPERAND.contains(wrapper) ? afterOptions + 1 : afterOptions;
    while (from < words.size() && isAssignment(words.get(from))) {
      from++;
    }
    if (from < words.size()) {
      deeper(words.subList(from, words.size()));
    }
  }

  private void deeper(List<String> words) {
    if (depth >= CommandRules.MOST_NESTED) {
      doubt("it is nested too deeply");
      return;
    }
    depth++;
    take(words);
    depth--;
  }

  /** {@code env -S} splits one argument into a command. */
  private void splitString(List<String> words) {
    for (int i = 1; i < words.size(); i++) {
      String word = words.get(i);
      boolean attached = word.matches("(?s)(-[a-zA-Z0]*S|--s[a-z-]*=).+");
      boolean next = word.matches("-[a-zA-Z0]*S|--s[a-z-]*");
      if (attached) {
        take(word.replaceFirst("(?s)^(--s[a-z-]*=|-[a-zA-Z0]*?S)", ""));
      } else if (next && i + 1 < words.size()) {
        take(words.get(i + 1));
      }
    }
  }

  /** Where the first argument is that is neither an option nor the value of one. */
  private static int afterOptions(List<String> words, int from, String withValue) {
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

  private void doubt(String why) {
    if (doubt.isEmpty()) {
      doubt = Optional.of(why);
    }
  }
}
