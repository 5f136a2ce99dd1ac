package dev.maestro.policy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** A program and its arguments, told apart into options and the rest. */
final class Words {

  private static final Set<String> GIT_OPTIONS_WITH_VALUE =
      Set.of(
          "-C",
          "-c",
          "--git-dir",
          "--work-tree",
          "--namespace",
          "--attr-source",
          "--config-env",
          "--super-prefix",
          "--shallow-file");

  /** What programs are called where the usual name is taken, or where they do the same. */
  private static final Map<String, String> SAME =
      Map.ofEntries(
          Map.entry("grm", "rm"),
          Map.entry("gdd", "dd"),
          Map.entry("gshred", "shred"),
          Map.entry("gfind", "find"),
          Map.entry("bfs", "find"),
          Map.entry("gxargs", "xargs"),
          Map.entry("gtimeout", "timeout"),
          Map.entry("genv", "env"),
          Map.entry("erase", "del"),
          Map.entry("gnice", "nice"),
          Map.entry("gsed", "sed"),
          Map.entry("gtar", "tar"),
          Map.entry("gmake", "make"),
          Map.entry("bmake", "make"),
          Map.entry("hub", "git"));

  /** Programs that only read what they name. */
  private static final Set<String> READERS =
      Set.of(
          "cat",
          "less",
          "more",
          "head",
          "tail",
          "grep",
          "egrep",
          "fgrep",
          "rg",
          "ls",
          "dir",
          "tree",
          "stat",
          "file",
          "wc",
          "diff",
          "cmp",
          "uniq",
          "cut",
          "od",
          "xxd",
          "hexdump",
          "strings",
          "sha256sum",
          "md5sum",
          "cd",
          "pwd",
          "echo",
          "printf",
          "test",
          "[",
          "which",
          "type",
          "jq",
          "du",
          "df",
          "basename",
          "dirname",
          "realpath",
          "readlink",
          "true",
          "false");

  private static final Set<String> GIT_READERS =
      Set.of("diff", "log", "show", "status", "blame", "grep", "ls-files", "rev-parse");

  private static final Pattern ENDING = Pattern.compile("\\.(exe|cmd|bat|com)$");

  private final List<String> all;
  private final String program;
  private final List<String> mayBePaths = new ArrayList<>();
  private final Set<Character> shortOptions = new HashSet<>();
  // behind two hyphens, where they may be cut short
  private final List<String> longOptions = new ArrayList<>();
  // behind one, where they are whole
  private final Set<String> wholeOptions = new HashSet<>();
  private final List<String> arguments = new ArrayList<>();
  private boolean mayHaveMoreOptions;

  /**
   * @param words the program first
   */
  Words(List<String> words) {
    this.all = words;
    this.program = name(words.get(0));
    boolean optionsEnded = false;
    words.stream().skip(1).forEach(this::notePath);
    for (String word : words.subList(firstOwn(words), words.size())) {
      mayHaveMoreOptions |= !optionsEnded && mayBeOptions(word);
      if (optionsEnded || !word.startsWith("-") || word.length() == 1) {
        arguments.add(word);
      } else if (word.equals("--")) {
        optionsEnded = true;
      } else if (word.startsWith("--")) {
        longOptions.add(word.substring(2).split("=", 2)[0]);
      } else {
        word.chars().skip(1).forEach(c -> shortOptions.add((char) c));
        wholeOptions.add(word.substring(1));
      }
    }
  }

  private static boolean mayBeOptions(String word) {
    return word.indexOf(ShellText.UNKNOWN_WORDS) == 0 || word.startsWith("-") && isUnknown(word);
  }

  /** A value may stand behind {@code =}, or behind a short option at once, as in {@code -oFILE}. */
  private void notePath(String word) {
    mayBePath(word.substring(word.indexOf('=') + 1));
    if (word.length() > 2 && word.charAt(0) == '-' && word.charAt(1) != '-') {
      mayBePath(word.substring(2));
    }
  }

  private void mayBePath(String value) {
    if (!isUnknown(value) && !value.isBlank() && !value.startsWith("-") && !value.contains("://")) {
      mayBePaths.add(value);
    }
  }

  /** {@return its arguments, and the values of its options, as far as they may name files} */
  List<String> mayBePaths() {
    return mayBePaths;
  }

  /** {@return whether it is known to change nothing that it names} */
  boolean onlyReads() {
    boolean reads =
        program.equals("git")
            ? !arguments.isEmpty() && GIT_READERS.contains(arguments.get(0))
            : READERS.contains(program);
    return reads && !writesWhatItShows();
  }

  /** Programs that show something send it to a file when they are told one. */
  private boolean writesWhatItShows() {
    return switch (program) {
      case "git", "diff" -> longOptions.contains("output");
      case "uniq", "xxd" -> arguments.size() > 1;
      case "less" -> hasOption("o") || hasOption("O") || hasOption("log-file");
      case "tree" -> hasOption("o");
      default -> false;
    };
  }

  /**
   * {@return the last part of a program's path, in lower case, without the ending of Windows}
   *
   * <p>There are file systems on which case does not matter. What is the same program under another
   * name has the usual one.
   */
  static String name(String path) {
    int from = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
    String name = ENDING.matcher(path.substring(from).toLowerCase(Locale.ROOT)).replaceFirst("");
    return SAME.getOrDefault(name, name);
  }

  /** {@return what stands behind the options that a program has before its command} */
  List<String> own() {
    return all.subList(firstOwn(all), all.size());
  }

  /** {@return the program and all that stands behind it} */
  List<String> all() {
    return all;
  }

  String program() {
    return program;
  }

  boolean isProgram(String pattern) {
    String name = pattern.toLowerCase(Locale.ROOT);
    return name.endsWith("*")
        ? program.startsWith(name.substring(0, name.length() - 1))
        : program.equals(name);
  }

  /**
   * {@return whether it may run some of its arguments, as nobody knows}
   *
   * <p>Those of git and of what reaches nothing but files are prose; those of a program that is
   * looked through are known.
   */
  boolean mayRunItsArguments() {
    Wrapper wrapper = Wrapper.of(program);
    boolean isKnown = wrapper != null && !wrapper.inner(all).isEmpty();
    return !isKnown && !program.equals("git") && !Lookups.isLocal(this);
  }

  /** {@return whether this option of git, before its command, has the next word as its value} */
  static boolean takesNext(String gitOption) {
    return GIT_OPTIONS_WITH_VALUE.contains(gitOption);
  }

  /** Git has options before the name of its command. */
  private int firstOwn(List<String> words) {
    int from = 1;
    while (program.equals("git") && from < words.size() && words.get(from).startsWith("-")) {
      from += GIT_OPTIONS_WITH_VALUE.contains(words.get(from)) ? 2 : 1;
    }
    return Math.min(from, words.size());
  }

  boolean beginsWith(List<String> first) {
    return arguments.size() >= first.size() && arguments.subList(0, first.size()).equals(first);
  }

  /** {@return whether it would begin so if the words that are not known were the right ones} */
  boolean mayBeginWith(List<String> first) {
    if (arguments.size() < first.size()) {
      return false;
    }
    for (int i = 0; i < first.size(); i++) {
      if (!isUnknown(arguments.get(i)) && !arguments.get(i).equals(first.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** {@return whether something in a word is known only when it runs} */
  static boolean isUnknown(String word) {
    return word.indexOf(ShellText.UNKNOWN) >= 0 || word.indexOf(ShellText.UNKNOWN_WORDS) >= 0;
  }

  /** {@return whether a variable among the words may turn out to be an option} */
  boolean mayHaveMoreOptions() {
    return mayHaveMoreOptions;
  }

  boolean hasOption(Set<String> spellings) {
    return spellings.stream().anyMatch(this::hasOption);
  }

  boolean hasOption(String spelling) {
    if (spelling.length() == 1) {
      return shortOptions.contains(spelling.charAt(0));
    }
    return wholeOptions.contains(spelling)
        || longOptions.stream().anyMatch(given -> !given.isEmpty() && spelling.startsWith(given));
  }

  boolean hasArgument(String beginning) {
    return arguments.stream().anyMatch(argument -> argument.startsWith(beginning));
  }

  /** {@return whether an argument begins so as far as it is known, which is some of it} */
  boolean mayHaveArgument(String beginning) {
    return arguments.stream().anyMatch(argument -> mayBegin(argument, beginning));
  }

  private static boolean mayBegin(String argument, String beginning) {
    int known = 0;
    while (known < argument.length() && !isUnknown(argument.substring(known, known + 1))) {
      known++;
    }
    return argument.startsWith(beginning)
        || known > 0
            && known < argument.length()
            && beginning.startsWith(argument.substring(0, known));
  }

  List<String> arguments() {
    return arguments;
  }
}
