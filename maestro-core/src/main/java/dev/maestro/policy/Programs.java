package dev.maestro.policy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All programs that a command would run, those that run others looked through. */
final class Programs {

  /** Words of the shell's language that stand before a command. */
  static final Set<String> LANGUAGE =
      Set.of("{", "}", "!", "if", "then", "else", "elif", "fi", "while", "until", "do", "done");

  private static final Set<String> SHELLS =
      Set.of(
          "sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "rbash", "mksh", "lksh", "oksh",
          "yash", "posh", "csh", "tcsh", "elvish", "osh", "ysh", "nu", "xonsh");

  /** What a version adds to the name of a shell. */
  private static final Pattern VERSION = Pattern.compile("-?[0-9][0-9.]*$");

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

  /** Runners of packages, which are called by their names with or without a version. */
  private static final Set<String> PACKAGED =
      Set.of("npx", "npm", "pnpm", "yarn", "bun", "bunx", "deno", "uv", "uvx", "pipx");

  private static final Pattern PACKAGE = Pattern.compile("(npm:|jsr:)?(@?[^@=]+)([@=].*)?");

  private static final Pattern DISK = Pattern.compile("/dev/(sd|nvme|vd|hd|disk|mmcblk).*");

  /** Programs that are told a disk and leave what is on it alone. */
  private static final Set<String> OF_DISKS =
      Set.of("lsblk", "blkid", "mount", "umount", "findmnt", "smartctl", "udevadm", "fsck");

  /** A function that runs itself twice in the background. */
  private static final Pattern FORKS =
      Pattern.compile("([\\w:.]{1,20}) *\\( *\\) *\\{[^}]{0,200}?\\1 *\\| *\\1 *&");

  /** Commands of a shell that set variables. */
  private static final Set<String> DECLARES =
      Set.of("export", "declare", "typeset", "readonly", "local");

  /** Options of {@code ssh} that begin a command. */
  private static final Pattern SSH_RUNS =
      Pattern.compile(
          "(?is)(?:-[0-9a-z]*o)?(?:proxy|local|remote|knownhosts)command\\s*[=\\s]\\s*(.*)");

  /** Options of {@code ssh} with which it opens no shell. */
  private static final Pattern SSH_NO_SHELL = Pattern.compile("-[0-9A-Za-z]*[NVGQOW].*");

  private static final Pattern SOCAT_RUNS = Pattern.compile("(?is)(?:exec|system|shell):(.*)");

  /** How a makefile runs something where it is read. */
  private static final Pattern MAKE_RUNS =
      Pattern.compile("(?s).*\\$[({] *(shell|eval|file|guile)\\b.*");

  private static final Pattern MAKE_VARIABLE =
      Pattern.compile("(?s)([.A-Za-z_][A-Za-z0-9_.-]*)\\s*(:{0,3}=|\\?=|\\+=|!=)\\s*(.*)");

  /** Among the arguments of one program no more shells are looked for. */
  private static final int MOST_SHELLS = 20;

  /** A program with one of these in its name is known only when it runs. */
  private static final String NOT_PLAIN = "*?[{" + ShellText.UNKNOWN + ShellText.UNKNOWN_WORDS;

  /** What {@code start-stop-daemon} starts. */
  private static final TextOptions STARTED =
      TextOptions.named("exec", "startas").orShort("xa", "npucgsRrdNPIk");

  private static final Set<String> OPENS = Set.of("unshare", "nsenter", "chroot");

  private static final Set<String> EXECS = Set.of("-exec", "-execdir", "-ok", "-okdir");

  /** Wrappers within wrappers are not understood in two ways each for ever. */
  private static final int MOST_WAYS = 3;

  private final List<Words> all = new ArrayList<>();
  private final List<Words> contained = new ArrayList<>();
  private final List<String> written = new ArrayList<>();
  private final List<String> read = new ArrayList<>();
  private final List<String> handed = new ArrayList<>();
  private final List<String> coded = new ArrayList<>();
  private final List<String> texts = new ArrayList<>();
  private final Set<Words> cut = new HashSet<>();
  private Optional<String> doubt = Optional.empty();
  private boolean unclear;
  private int depth;
  private boolean isContained;
  private boolean isCut;
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
    return SHELLS.contains(VERSION.matcher(program).replaceFirst(""));
  }

  /** {@return the files that output is sent to} */
  List<String> written() {
    return written;
  }

  /** {@return the files that input comes from} */
  List<String> read() {
    return read;
  }

  /** {@return files that stand in the code of programs and may be written} */
  List<String> coded() {
    return coded;
  }

  /** {@return the documents and the values of variables that are handed to programs} */
  List<String> handed() {
    return handed;
  }

  /** {@return what is handed to programs, or held by variables, and may be for a shell} */
  List<String> texts() {
    return texts;
  }

  /** {@return whether another program adds arguments to these when it runs them} */
  boolean isCut(Words words) {
    return cut.contains(words);
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
    if (shellText.indexOf('\0') >= 0) {
      unclear = true;
      doubt("some readers stop at a character in it, and others skip it");
    }
    if (FORKS.matcher(shellText).find()) {
      doubt("a function of it starts itself without end");
    }
    if (ToldByInput.isFed(shellText)) {
      doubt("a console does what it reads");
    }
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
    if (command.writes().stream().anyMatch(file -> DISK.matcher(file).matches())) {
      doubt("it writes to a disk");
    }
    List<String> words = command.words();
    int from = 0;
    while (from < words.size()
        && (LANGUAGE.contains(words.get(from))
            || isAssignment(words.get(from))
            || isFunction(words, from))) {
      handed.add(words.get(from));
      if (isAssignment(words.get(from))) {
        assigned(words.get(from));
      }
      from++;
    }
    if (from == words.size()) {
      return;
    }
    ShellText.Command outer = reading;
    reading = command;
    List<String> own = words.subList(from, words.size());
    boolean hands = !command.input().isEmpty() && !isShell(Words.name(own.get(0)));
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

  /** A variable that is set: of some, other programs run the value. */
  private void assigned(String assignment) {
    int at = assignment.indexOf('=');
    String name = assignment.substring(0, at).replaceFirst("(\\[.*)?\\+?$", "");
    String value = assignment.substring(at + 1);
    texts.add(assignment);
    if (Variables.isCode(name, value)) {
      doubt("the variable '" + name + "' makes other programs run something");
    } else if (Variables.namesProgram(name)
        || Variables.namesShell(name) && !isShell(Words.name(value.strip().split("\\s", 2)[0]))) {
      takeCut(value.replaceFirst("^\\|+-?", ""));
    }
  }

  /** Take a text to which another program adds arguments. */
  private void takeCut(String text) {
    boolean outer = isCut;
    isCut = true;
    take(text);
    isCut = outer;
  }

  /** Take a program with its arguments. */
  void take(List<String> given) {
    List<String> words = plumbing(given);
    String program = Words.name(words.get(0));
    if (!isPlain(program)) {
      doubt("its program is known only when it runs");
      return;
    }
    Words told = new Words(words);
    (isContained ? contained : all).add(told);
    if (isCut) {
      cut.add(told);
    }
    if (words.get(0).indexOf(' ') > 0) {
      texts.add(words.get(0));
    }
    if (!told.onlyReads()
        && !OF_DISKS.contains(program)
        && told.mayBePaths().stream().anyMatch(path -> DISK.matcher(path).matches())
        && words.stream().noneMatch(word -> word.startsWith("if="))) {
      doubt("it may write to a disk");
    }
    TextOptions options = TextOptions.of(program);
    if (options != null) {
      options.in(words.subList(1, words.size())).forEach(this::takeCut);
    }
    take(program, told);
  }

  /** {@code git-push} is {@code git push}. */
  private static List<String> plumbing(List<String> words) {
    String program = Words.name(words.get(0));
    if (!program.startsWith("git-") || program.length() == 4) {
      return words;
    }
    List<String> whole = new ArrayList<>(List.of("git", program.substring(4)));
    whole.addAll(words.subList(1, words.size()));
    return whole;
  }

  private void take(String program, Words told) {
    List<String> words = told.all();
    Wrapper wrapper = Wrapper.of(program);
    if (isShell(program) || program.equals("su")) {
      shell(program, words);
    } else if (program.equals("source") || program.equals(".")) {
      script(words.subList(1, words.size()));
    } else if (program.equals("eval")) {
      joined(words, 1);
    } else if (program.equals("trap")) {
      trapped(words);
    } else if (DECLARES.contains(program) || program.equals("setenv") || program.equals("set")) {
      declared(program, words);
    } else if (program.equals("alias")) {
      words.stream()
          .filter(word -> word.indexOf('=') > 0)
          .forEach(word -> takeCut(word.substring(word.indexOf('=') + 1)));
    } else if (program.equals("ssh")) {
      ssh(words);
    } else if (program.equals("watch")) {
      joined(words, Wrapper.afterOptions(words, 1, "n"));
    } else if (program.equals("find")) {
      found(words);
    } else if (program.equals("git")) {
      git(told);
    } else if (program.equals("wsl")) {
      joined(words, Wrapper.afterOptions(words, 1, "du"));
    } else if (WITH_SHELL_TEXT.contains(program)) {
      words.stream().skip(1).filter(word -> word.indexOf(' ') >= 0).forEach(this::take);
      shellsAmong(told, 1, false);
      if (program.equals("script") && hasInput()) {
        whatItReads();
      }
    } else if (CONTAINERS.contains(program)) {
      inContainer(told);
    } else if (program.equals("parallel")) {
      parallel(wrapper == null ? List.of() : wrapper.inner(words), words);
    } else if (wrapper != null) {
      wrapped(program, wrapper, words);
      called(program, wrapper, words);
      amongArguments(told, 1, false);
      if (wrapper.inner(words).isEmpty()) {
        Interpreter.doubt(program, words).ifPresent(this::doubt);
      }
    } else {
      Interpreter.doubt(program, words).ifPresent(this::doubt);
      List<String> arguments = words.subList(1, words.size());
      ToldByInput.doubt(program, arguments, reading).ifPresent(this::doubt);
      coded.addAll(CodePaths.in(program, arguments, reading == null ? List.of() : reading.input()));
      amongArguments(told, 1, false);
      ranByOthers(program, words);
    }
  }

  private boolean hasInput() {
    return reading != null && !(reading.input().isEmpty() && reading.reads().isEmpty());
  }

  /** Variables that are set for all that follows. */
  private void declared(String program, List<String> words) {
    if (DECLARES.contains(program)) {
      words.stream().skip(1).filter(Programs::isAssignment).forEach(this::assigned);
      return;
    }
    int from = Wrapper.afterOptions(words, 1, "");
    boolean sets = program.equals("setenv") || from > 1;
    if (sets && from + 1 < words.size() && words.get(from).matches("[A-Za-z_][A-Za-z0-9_]*")) {
      assigned(words.get(from) + "=" + String.join(" ", words.subList(from + 1, words.size())));
    }
  }

  /** Without a command it opens a shell, which reads. */
  private void ssh(List<String> words) {
    int host = Wrapper.afterOptions(words, 1, "BbcDEeFIiJLlmOopQRSWw");
    int command =
        Wrapper.afterOptions(words, Math.min(host + 1, words.size()), "BbcDEeFIiJLlmOopQRSWw");
    connecting(words.subList(1, Math.max(1, Math.min(command, words.size()))));
    joined(words, host + 1);
    boolean opens =
        words.subList(1, Math.min(command, words.size())).stream()
            .noneMatch(word -> SSH_NO_SHELL.matcher(word).matches() || word.startsWith("git@"));
    if (opens && host < words.size() && command >= words.size()) {
      whatItReads();
    }
  }

  /** Settings of {@code ssh} that run something. */
  private void connecting(List<String> words) {
    for (String word : words) {
      Matcher runs = SSH_RUNS.matcher(word);
      if (runs.matches()) {
        takeCut(runs.group(1));
      }
    }
  }

  private void git(Words told) {
    List<String> words = told.all();
    GitRuns runs = GitRuns.of(told);
    runs.texts().forEach(this::takeCut);
    runs.doubt().ifPresent(this::doubt);
    List<String> own = told.own();
    if (told.beginsWith(List.of("submodule", "foreach"))) {
      joined(words, Wrapper.afterOptions(words, words.indexOf("foreach") + 1, ""));
    } else if (told.beginsWith(List.of("bisect", "run"))) {
      int from = words.indexOf("run") + 1;
      if (from < words.size()) {
        deeper(words.subList(from, words.size()));
      }
    } else if (told.beginsWith(List.of("for-each-repo"))) {
      int from = Wrapper.afterOptions(own, 1, "");
      if (from < own.size()) {
        List<String> inner = new ArrayList<>(List.of("git"));
        inner.addAll(own.subList(from, own.size()));
        deeper(inner);
      }
    }
  }

  /** Where the program begins among the options is not known, but a shell is seen. */
  private void inContainer(Words told) {
    List<String> words = told.all();
    int at = 1;
    while (at < words.size() && !IN_CONTAINERS.contains(words.get(at))) {
      at++;
    }
    int command = at;
    amongArguments(told, command + 1, true);
    TextOptions.named("entrypoint").in(words).forEach(entry -> entered(entry, words, command + 1));
  }

  /**
   * What is put before the arguments that stand behind the image, which may be any of the words.
   */
  private void entered(String entry, List<String> words, int from) {
    if (entry.indexOf(' ') >= 0) {
      contain(List.of("sh", "-c", entry));
      return;
    }
    for (int i = from; i < Math.min(words.size(), from + MOST_SHELLS); i++) {
      List<String> whole = new ArrayList<>(List.of(entry));
      whole.addAll(words.subList(i, words.size()));
      Words entered = new Words(whole);
      if (isPlain(entered.program())) {
        contained.add(entered);
        Interpreter.code(entered.program(), whole).ifPresent(this::doubt);
      }
    }
  }

  /** Programs, code and texts among the arguments of a program that may run them. */
  private void amongArguments(Words told, int from, boolean any) {
    shellsAmong(told, from, any);
    if (!told.mayRunItsArguments()) {
      return;
    }
    List<String> words = told.all();
    int found = 0;
    for (int i = from; i < words.size(); i++) {
      String program = Words.name(words.get(i));
      List<String> tail = words.subList(i, words.size());
      (any ? Interpreter.doubt(program, tail) : Interpreter.code(program, tail))
          .filter(why -> Interpreter.isOne(program))
          .ifPresent(this::doubt);
      if (any && Lookups.isPlain(program) && found < MOST_SHELLS) {
        found++;
        contain(tail);
      }
    }
    if (!CommandField.takesProse(told.program())) {
      texts.addAll(words.subList(1, words.size()));
    }
  }

  /** A shell among the arguments of a program that may run it; {@code any}, or one with a text. */
  private void shellsAmong(Words told, int from, boolean any) {
    List<String> words = told.all();
    int found = 0;
    int end = told.mayRunItsArguments() ? words.size() : 0;
    for (int i = from; i < end; i++) {
      if (isShell(Words.name(words.get(i))) && (any || hasText(words, i + 1))) {
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

  /** Programs that run what they are told in ways of their own. */
  private void ranByOthers(String program, List<String> words) {
    if (program.equals("tar") || program.equals("bsdtar")) {
      words.stream()
          .filter(word -> word.matches("(?s)(--checkpoint-action=)?exec=.*"))
          .forEach(word -> take(word.substring(word.indexOf("exec=") + 5)));
    } else if (program.equals("start-stop-daemon")) {
      daemon(words);
    } else if (program.equals("make")) {
      make(words);
    } else if (program.equals("at") || program.equals("batch") || program.equals("crontab")) {
      later(program, words);
    } else if (program.equals("scp") || program.equals("sftp") || program.equals("rsync")) {
      connecting(words);
    } else if (program.equals("socat")) {
      words.stream()
          .map(SOCAT_RUNS::matcher)
          .filter(Matcher::matches)
          .forEach(m -> take(m.group(1)));
    }
  }

  /** What it starts is the value of an option; the arguments of that stand behind two hyphens. */
  private void daemon(List<String> words) {
    int end = words.indexOf("--");
    List<String> own = end < 0 ? words : words.subList(0, end);
    List<String> rest = end < 0 ? List.of() : words.subList(end + 1, words.size());
    boolean starts =
        own.stream().noneMatch(word -> word.matches("-[KTHV]|--(stop|status|help|version)"));
    for (String program : starts ? STARTED.in(own) : List.<String>of()) {
      deeper(Stream.concat(Stream.of(program), rest.stream()).toList());
    }
  }

  private void make(List<String> words) {
    if (readsItsInput(words)) {
      doubt("make runs what it reads");
    }
    for (String word : words.subList(1, words.size())) {
      Matcher variable = MAKE_VARIABLE.matcher(word);
      if (word.matches("(?s)-[a-zA-Z]*E.*|--ev?(al?)?(=.*)?")
          || MAKE_RUNS.matcher(word).matches()) {
        doubt("it has code of make in an argument");
      } else if (variable.matches()) {
        makeVariable(variable.group(1), variable.group(2), variable.group(3));
      }
    }
  }

  private void makeVariable(String name, String operator, String value) {
    if (operator.equals("!=")) {
      take(value);
    } else if (name.equals(".SHELLFLAGS")
        && !value.matches("(-[a-zA-Z]+ +|pipefail +)*-[a-zA-Z]*c")) {
      doubt("make hands what it runs to a shell in another way");
    } else if (name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
      assigned(name + "=" + value);
      if (name.equals("SHELL") && !isShell(Words.name(value.strip().split("\\s", 2)[0]))) {
        doubt("make hands what it runs to another program");
      }
    }
  }

  /** What runs later, when nobody looks. */
  private void later(String program, List<String> words) {
    String asks = program.equals("crontab") ? "-[a-z]*[lreVT]" : "-[a-z]*[lrdcV].*";
    if (words.stream().anyMatch(word -> word.matches(asks))) {
      return;
    }
    ShellText.Command command = reading;
    if (command != null && !program.equals("crontab")) {
      command.input().forEach(this::take);
    }
    doubt("what it is told runs later");
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
    if (code) {
      // without a text it is what another program adds
      take(operands.isEmpty() ? String.valueOf(ShellText.UNKNOWN_WORDS) : operands.get(0));
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
    for (List<String> given : ways) {
      List<String> inner = program.equals("xargs") ? added(words, given) : given;
      int from = 0;
      while (from < inner.size()
          && (isAssignment(inner.get(from))
              || program.equals("time") && LANGUAGE.contains(inner.get(from)))) {
        if (isAssignment(inner.get(from))) {
          assigned(inner.get(from));
        }
        from++;
      }
      if (from < inner.size()) {
        inner(program, inner.subList(from, inner.size()));
      }
    }
    opensShell(program, words, ways);
    if (program.equals("env")) {
      splitString(words);
    } else if (program.equals("coproc")) {
      doubt("a command talks to another");
    } else if (program.equals("flock") || program.equals("runuser")) {
      valuesOf("-[a-z]*c|--command", words);
    }
  }

  private void inner(String program, List<String> words) {
    List<String> named = new ArrayList<>(words);
    Matcher pack = PACKAGE.matcher(words.get(0));
    if (PACKAGED.contains(program) && pack.matches()) {
      named.set(0, pack.group(2));
    }
    Wrapper wrapper = Wrapper.of(Words.name(named.get(0)));
    boolean isOpen =
        wrapper != null && wrapper.commands().isEmpty() && wrapper.inner(named).isEmpty()
            || Words.name(named.get(0)).equals("git") && named.size() == 1;
    if (program.equals("xargs") && isOpen) {
      doubt("its program is known only when it runs");
    }
    deeper(named);
  }

  /** {@code xargs} puts what it reads in the place of a text of one's choice. */
  private static List<String> added(List<String> words, List<String> inner) {
    String place = "";
    for (int i = 1; i < words.size() - inner.size(); i++) {
      String word = words.get(i);
      if (word.matches("-[a-zA-Z0-9]*I|-J") && i + 1 < words.size()) {
        place = words.get(i + 1);
      } else if (word.matches("(?s)-(I|i|-replace=).+")) {
        place = word.replaceFirst("^-(I|i|-replace=)", "");
      } else if (word.matches("-[a-zA-Z0-9]*i|--replace")) {
        place = "{}";
      }
    }
    String added = place;
    return added.isEmpty()
        ? inner
        : inner.stream()
            .map(word -> word.replace(added, String.valueOf(ShellText.UNKNOWN)))
            .toList();
  }

  /** Some open a shell when they are told no program. */
  private void opensShell(String program, List<String> words, List<List<String>> ways) {
    boolean asked = words.stream().anyMatch(word -> word.matches("-[a-zA-Z]*[si]|--shell|--login"));
    boolean opens = Set.of("sudo", "doas").contains(program) ? asked : OPENS.contains(program);
    if (opens && ways.isEmpty()) {
      whatItReads();
    }
  }

  /** {@code parallel} joins its words to a text, or runs the texts that it is given. */
  private void parallel(List<List<String>> ways, List<String> words) {
    int lists = words.indexOf(":::");
    List<String> given = lists < 0 ? List.of() : words.subList(lists + 1, words.size());
    boolean told = false;
    for (List<String> way : ways) {
      int end = way.indexOf(":::");
      List<String> command = end < 0 ? way : way.subList(0, end);
      if (!command.isEmpty() && !command.get(0).startsWith(":::")) {
        told = true;
        take(String.join(" ", command).replace("{}", String.valueOf(ShellText.UNKNOWN)));
      }
    }
    if (!told && !given.isEmpty()) {
      given.forEach(this::take);
    } else if (!told && words.stream().noneMatch(word -> word.matches("--(version|help)|-V|-h"))) {
      doubt("parallel runs what it reads");
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
      int rest = attached ? i + 1 : i + 2;
      if (attached || next && i + 1 < words.size()) {
        String text =
            attached ? word.replaceFirst("(?s)^(--s[a-z-]*=|-[a-zA-Z0]*?S)", "") : words.get(i + 1);
        take(String.join(" ", text, String.join(" ", words.subList(rest, words.size()))));
        return;
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
