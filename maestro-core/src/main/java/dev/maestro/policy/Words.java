package dev.maestro.policy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A program and its arguments, told apart into options and the rest. */
final class Words {

  /** A long option may be cut short, but not to less than this. */
  private static final int SHORTEST_PREFIX = 3;

  private static final Set<String> GIT_OPTIONS_WITH_VALUE =
      Set.of("-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path");

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

  private final String program;
  private final List<String> mayBePaths = new ArrayList<>();
  private final Set<Character> shortOptions = new HashSet<>();
  private final List<String> longOptions = new ArrayList<>();
  private final List<String> arguments = new ArrayList<>();
  private boolean mayHaveMoreOptions;

  /**
   * @param words the program first
   */
  Words(List<String> words) {
    this.program = name(words.get(0));
    boolean optionsEnded = false;
    words.stream().skip(1).forEach(this::notePath);
    for (String word : words.subList(firstOwn(words), words.size())) {
      mayHaveMoreOptions |= !optionsEnded && word.indexOf(ShellText.UNKNOWN_WORDS) == 0;
      if (optionsEnded || !word.startsWith("-") || word.length() == 1) {
        arguments.add(word);
      } else if (word.equals("--")) {
        optionsEnded = true;
      } else if (word.startsWith("--")) {
        longOptions.add(word.substring(2).split("=", 2)[0]);
      } else {
        word.chars().skip(1).forEach(c -> shortOptions.add((char) c));
        longOptions.add(word.substring(1));
      }
    }
  }

  private void notePath(String word) {
    String value = word.substring(word.indexOf('=') + 1);
    boolean known =
        value.indexOf(ShellText.UNKNOWN) < 0 && value.indexOf(ShellText.UNKNOWN_WORDS) < 0;
    if (known && !value.isBlank() && !value.startsWith("-") && !value.contains("://")) {
      mayBePaths.add(value);
    }
  }

  /** {@return its arguments, and the values of its options, as far as they may name files} */
  List<String> mayBePaths() {
    return mayBePaths;
  }

  /** {@return whether it is known to change nothing that it names} */
  boolean onlyReads() {
    return READERS.contains(program)
        || program.equals("git") && !arguments.isEmpty() && GIT_READERS.contains(arguments.get(0));
  }

  /** {@return the last part of a program's path, without the ending of Windows} */
  static String name(String path) {
    String name = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
    return name.endsWith(".exe") ? name.substring(0, name.length() - 4) : name;
  }

  boolean isProgram(String pattern) {
    return pattern.endsWith("*")
        ? program.startsWith(pattern.substring(0, pattern.length() - 1))
        : program.equals(pattern);
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

  /** {@return whether a variable among the words may turn out to be an option} */
  boolean mayHaveMoreOptions() {
    return mayHaveMoreOptions;
  }

  boolean hasOption(Set<String> spellings) {
    return spellings.stream().anyMatch(this::hasOption);
  }

  private boolean hasOption(String spelling) {
    if (spelling.length() == 1) {
      return shortOptions.contains(spelling.charAt(0));
    }
    return longOptions.stream()
        .anyMatch(
            given ->
                given.equals(spelling)
                    || given.length() >= SHORTEST_PREFIX && spelling.startsWith(given));
  }

  boolean hasArgument(String beginning) {
    return arguments.stream().anyMatch(argument -> argument.startsWith(beginning));
  }

  List<String> arguments() {
    return arguments;
  }
}
