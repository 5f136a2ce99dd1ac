package dev.maestro.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** All programs that a command would run, those that run others looked through. */
final class Programs {

  /** Words of the shell's language that stand before a command. */
  static final Set<String> LANGUAGE =
      Set.of("{", "}", "!", "if", "then", "else", "elif", "fi", "while", "until", "do", "done");

  private static final Set<String> SHELLS =
      Set.of("sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "rbash", "mksh");

  /** What is read when it is said to read the input. */
  private static final Set<String> INPUT = Set.of("-", "/dev/stdin", "/proc/self/fd/0");

  /** Programs each of whose arguments with a blank may be text for a shell. */
  private static final Set<String> WITH_SHELL_TEXT =
      Set.of(
          "tmux",
          "screen",
          "script",
          "nix-shell",
          "nodemon",
          "concurrently",
          "entr",
          "expect",
          "vagrant",
          "adb",
          "ansible");

  /** Programs that run others where other files are, and which of their commands do. */
  private static final Set<String> CONTAINERS =
      Set.of(
          "docker",
          "podman",
          "nerdctl",
          "docker-compose",
          "podman-compose",
          "kubectl",
          "oc",
          "lxc",
          "distrobox",
          "toolbox");

  private static final Set<String> IN_CONTAINERS = Set.of("exec", "run", "rsh", "enter", "debug");

  /** Options of {@code tar} with a command. */
  private static final String TAR_RUNS =
      "-I|-F|--to-command|--use-compress-program|--info-script|--new-volume-script|--rsh-command";

  /** Among the arguments of one program no more shells are looked for. */
  private static final int MOST_SHELLS = 20;

  /** Settings of git that make it run something. */
  private static final Pattern GIT_RUNS =
      Pattern.compile(
          "(?is)(alias|pager|filter|credential|remote|url|protocol)\\..*"
              + "|.*\\.(program|helper|command|cmd|driver|textconv|process)=.*"
              + "|(core\\.(pager|sshcommand|gitproxy|editor|askpass|fsmonitor|hookspath)"
              + "|sequence\\.editor|diff\\.external|uploadpack\\.packobjectshook)=.*");

  /** A program with one of these in its name is known only when it runs. */
  private static final String NOT_PLAIN = "*?[{" + ShellText.UNKNOWN + ShellText.UNKNOWN_WORDS;

  private static final Set<String> EXECS = Set.of("-exec", "-execdir", "-ok", "-okdir");

  /** Wrappers within wrappers are not understood in two ways each for ever. */
  private static final int MOST_WAYS = 3;

  private final List<Words> all = new ArrayList<>();
  private final List<Words> contained = new ArrayList<>();
  private final List<String> written = new ArrayList<>();
  private final List<String> read = new ArrayList<>();
  private final List<String> handed = new ArrayList<>();
  private Optional<String> doubt = Optional.empty();
  private boolean unclear;
  private int depth;
  private boolean isContained;
  // whose input a shell within it would read
  private ShellText.@Nullable Command reading;

  List<Words> all() {
    return all;
  }

  /** {@return those that run where other files are, or may run} */
  List<Words> contained() {
    return contained;
  }

  /** {@return whether a program is a shell} */
  static boolean isShell(String program) {
    return SHELLS.contains(program);
  }

  /** {@return the files that output is sent to} */
  List<String> written() {
    return written;
  }

  /** {@return the files that input comes from} */
  List<String> read() {
    return read;
  }

  /** {@return the documents and the values of variables that are handed to programs} */
  List<String> handed() {
    return handed;
  }

  /** {@return whether not all of it could be read} */
  boolean isUnclear() {
    return unclear;
  }

  /** {@return why it is not known what would run, if so} */
  Optional<String> doubt() {
    return doubt;
  }

  /** Take a text for a shell. */
  void take(String shellText) {
    if (depth >= CommandRules.MOST_NESTED) {
      tooDeep();
      return;
    }
    depth++;
    ShellText.Reading reading = ShellText.read(shellText);
    if (reading.unclear()) {
      unclear = true;
      doubt("it ends in the middle of something, or is nested too deeply");
    }
    reading.commands().forEach(this::take);
    depth--;
  }

  private void take(ShellText.Command command) {
    // in a container they are others, though connections are the same
    (isContained ? read : written).addAll(command.writes());
    read.addAll(command.reads());
    if (command.writes().stream().anyMatch(file -> file.matches("/dev/(sd|nvme|vd|hd|disk).*"))) {
      doubt("it writes to a disk");
    }
    List<String> words = command.words();
    int from = 0;
    while (from < words.size()
        && (LANGUAGE.contains(words.get(from))
            || isAssignment(words.get(from))
            || isFunction(words, from))) {
      handed.add(words.get(from));
      from++;
    }
    if (from == words.size()) {
      return;
    }
    ShellText.Command outer = reading;
    reading = command;
    List<String> own = words.subList(from, words.size());
    boolean hands = !command.input().isEmpty() && !SHELLS.contains(Words.name(own.get(0)));
    if (hands && !Lookups.isLocal(new Words(own))) {
      handed.addAll(command.input());
    }
    take(own);
    reading = outer;
  }

  /** {@code function f {}, which is longer than {@code f() {}. */
  private static boolean isFunction(List<String> words, int at) {
    return words.get(at).equals("function") || at > 0 && words.get(at - 1).equals("function");
  }

  private static boolean isAssignment(String word) {
    return word.matches("(?s)[A-Za-z_][A-Za-z0-9_]*(\\[[^]]*])?\\+?=.*");
  }

  /** Take a program with its arguments. */
  void take(List<String> words) {
    String program = Words.name(words.get(0));
    if (!isPlain(program)) {
      doubt("its program is known only when it runs");
      return;
    }
    Words told = new Words(words);
    Wrapper wrapper = Wrapper.of(program);
    (isContained ? contained : all).add(told);
    if (SHELLS.contains(program) || program.equals("su")) {
      shell(program, words);
    } else if (program.equals("source") || program.equals(".")) {
      script(words.subList(1, words.size()));
    } else if (program.equals("eval")) {
      joined(words, 1);
    } else if (program.equals("trap")) {
      trapped(words);
    } else if (program.equals("ssh")) {
      joined(words, Wrapper.afterOptions(words, 1, "BbcDEeFIiJLlmOopQRSWw") + 1);
    } else if (program.equals("watch")) {
      joined(words, Wrapper.afterOptions(words, 1, "n"));
    } else if (program.equals("find")) {
      found(words);
    } else if (program.equals("git")) {
      settings(words);
      ranByGit(told, words);
    } else if (program.equals("wsl")) {
      joined(words, Wrapper.afterOptions(words, 1, "du"));
    } else if (WITH_SHELL_TEXT.contains(program)) {
      words.stream().skip(1).filter(word -> word.indexOf(' ') >= 0).forEach(this::take);
      shellsAmong(told, 1, false);
    } else if (CONTAINERS.contains(program)) {
      inContainer(told);
    } else if (wrapper != null) {
      wrapped(program, wrapper, words);
      called(program, wrapper, words);
      shellsAmong(told, 1, false);
    } else {
      Interpreter.doubt(program, words).ifPresent(this::doubt);
      shellsAmong(told, 1, false);
      ranByOthers(program, words);
    }
  }

  /** Where the program begins among the options is not known, but a shell is seen. */
  private void inContainer(Words told) {
    List<String> words = told.all();
    int command = 1;
    while (command < words.size() && !IN_CONTAINERS.contains(words.get(command))) {
      command++;
    }
    shellsAmong(told, command + 1, true);
    if (words.stream().anyMatch(word -> word.startsWith("--entrypoint"))) {
      words.stream()
          .filter(word -> word.indexOf(' ') >= 0)
          .forEach(word -> contain(List.of("sh", "-c", word)));
    }
  }

  /** A shell among the arguments of a program that may run it; {@code any}, or one with a text. */
  private void shellsAmong(Words told, int from, boolean any) {
    List<String> words = told.all();
    int found = 0;
    int end = told.mayRunItsArguments() ? words.size() : 0;
    for (int i = from; i < end; i++) {
      if (SHELLS.contains(Words.name(words.get(i))) && (any || hasText(words, i + 1))) {
        found++;
        if (found > MOST_SHELLS) {
          tooDeep();
          return;
        }
        contain(words.subList(i, words.size()));
      }
    }
  }

  private static boolean hasText(List<String> words, int from) {
    int i = from;
    while (i < words.size() && words.get(i).startsWith("-")) {
      if (words.get(i).matches("-[a-zA-Z]*c")) {
        return true;
      }
      i++;
    }
    return false;
  }

  private void contain(List<String> words) {
    boolean outer = isContained;
    isContained = true;
    deeper(words);
    isContained = outer;
  }

  /** Programs of packages take a text for a shell, too. */
  private void called(String program, Wrapper wrapper, List<String> words) {
    if (Set.of("npx", "npm", "pnpm", "yarn").contains(program)) {
      valuesOf("-c|--call", wrapper.own(words));
    }
  }

  /** Programs that run what one of their options says. */
  private void ranByOthers(String program, List<String> words) {
    if (program.equals("tar") || program.equals("bsdtar")) {
      valuesOf(TAR_RUNS, words);
      words.stream()
          .filter(word -> word.matches("(?s)(--checkpoint-action=)?exec=.*"))
          .forEach(word -> take(word.substring(word.indexOf("exec=") + 5)));
    } else if (program.equals("make") || program.equals("gmake")) {
      if (readsItsInput(words)) {
        doubt("make runs what it reads");
      }
    }
  }

  private static boolean readsItsInput(List<String> words) {
    for (int i = 1; i < words.size(); i++) {
      String word = words.get(i);
      boolean next = word.matches("-f|--file|--makefile");
      String file = word.replaceFirst("^(-f|--(file|makefile)=)", "");
      if (next && i + 1 < words.size() && isInput(words.get(i + 1))
          || word.startsWith("-") && !file.equals(word) && isInput(file)) {
        return true;
      }
    }
    return false;
  }

  /** {@return whether it says at its place that it reads its input} */
  static boolean isInput(String word) {
    return INPUT.contains(word) || word.startsWith(ShellText.DESCRIPTOR);
  }

  private static boolean isPlain(String program) {
    // both are only tests
    return program.equals("[")
        || program.equals("[[")
        || !program.isEmpty() && program.chars().noneMatch(c -> NOT_PLAIN.indexOf(c) >= 0);
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
      } else if (option && word.matches("--(version|help)")) {
        return;
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
    if (operands.isEmpty() || isInput(operands.get(0))) {
      whatItReads();
    } else if (operands.get(0).matches("[" + ShellText.UNKNOWN + ShellText.UNKNOWN_WORDS + "]+")) {
      doubt("a shell runs what is known only when it runs");
    }
  }

  /** Only a document that stands in the text is known. */
  private void whatItReads() {
    ShellText.Command command = reading;
    if (command != null) {
      command.input().forEach(this::take);
    }
    if (command == null || command.input().isEmpty() || !command.reads().isEmpty()) {
      doubt("a shell runs what it reads");
    }
  }

  private void trapped(List<String> words) {
    int from = Wrapper.afterOptions(words, 1, "");
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

  /** Commands of git that run what they are told. */
  private void ranByGit(Words told, List<String> words) {
    if (told.beginsWith(List.of("submodule", "foreach"))) {
      joined(words, Wrapper.afterOptions(words, words.indexOf("foreach") + 1, ""));
    } else if (told.beginsWith(List.of("bisect", "run"))) {
      int from = words.indexOf("run") + 1;
      if (from < words.size()) {
        deeper(words.subList(from, words.size()));
      }
    } else if (told.beginsWith(List.of("rebase"))) {
      valuesOf("-x|--exec", words);
    } else if (told.beginsWith(List.of("filter-branch"))) {
      valuesOf("--[a-z]+-filter", words);
    } else if (told.beginsWith(List.of("config"))) {
      words.stream().filter(word -> word.startsWith("!")).forEach(w -> take(w.substring(1)));
    }
  }

  /** Options whose values are text for a shell. */
  private void valuesOf(String options, List<String> words) {
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.matches(options) && i + 1 < words.size()) {
        i++;
        take(words.get(i));
      } else if (word.matches("(?s)(" + options + ")=.*")) {
        take(word.substring(word.indexOf('=') + 1));
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

  private void wrapped(String program, Wrapper wrapper, List<String> words) {
    if (program.equals("command") && words.size() > 1 && words.get(1).matches("-[pvV]*[vV].*")) {
      return;
    }
    List<List<String>> ways = wrapper.inner(words);
    if (ways.size() > 1 && depth > MOST_WAYS) {
      tooDeep();
      return;
    }
    for (List<String> inner : ways) {
      int from = 0;
      while (from < inner.size() && isAssignment(inner.get(from))) {
        from++;
      }
      if (from < inner.size()) {
        deeper(inner.subList(from, inner.size()));
      }
    }
    if (program.equals("env")) {
      splitString(words);
    } else if (program.equals("coproc")) {
      doubt("a command talks to another");
    } else if (program.equals("flock") || program.equals("runuser")) {
      valuesOf("-[a-z]*c|--command", words);
    }
  }

  private void deeper(List<String> words) {
    if (depth >= CommandRules.MOST_NESTED) {
      tooDeep();
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

  private void tooDeep() {
    unclear = true;
    doubt("it is nested too deeply");
  }

  private void doubt(String why) {
    if (doubt.isEmpty()) {
      doubt = Optional.of(why);
    }
  }
}
