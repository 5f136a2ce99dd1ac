package dev.maestro.policy;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A program that runs code of another language than the shell's, which nobody here reads.
 *
 * @param code options that have code as their value; a single character is a short one
 * @param other options after which it reads no code from its input, such as for its version
 * @param valued short options with a value
 */
record Interpreter(Set<String> code, Set<String> other, String valued) {

  private static final String READS = "%s runs what it reads";

  private static final Set<String> ABOUT = Set.of("v", "V", "h", "version", "help");

  private static final Map<String, Interpreter> ALL =
      Map.ofEntries(
          Map.entry("python", of("WXQ", "c").or("m")),
          Map.entry("pypy", of("WXQ", "c").or("m")),
          Map.entry("ipython", of("", "c").or("m")),
          Map.entry("perl", of("I", "e", "E")),
          Map.entry("ruby", of("IrE", "e")),
          Map.entry("node", of("rC", "e", "p", "eval", "print").or("test", "run")),
          Map.entry("nodejs", of("rC", "e", "p", "eval", "print").or("test", "run")),
          Map.entry("bun", of("r", "e", "p", "eval", "print")),
          Map.entry("ts-node", of("rPCTO", "e", "p", "eval", "print")),
          Map.entry("tsx", of("r", "e", "p", "eval", "print")),
          Map.entry("r", of("", "e")),
          Map.entry("guile", of("Lls", "c")),
          Map.entry("racket", of("tlr", "e", "eval")),
          Map.entry("sbcl", of("", "eval")),
          Map.entry("ocaml", of("I", "e")),
          Map.entry("ghc", of("oiIlL", "e").or("M", "make", "info", "numeric-version")),
          Map.entry("scala", of("", "e")),
          Map.entry("swift", of("", "e")),
          Map.entry("bb", of("", "e")),
          Map.entry("irb", of("rIE")),
          Map.entry("pry", of("rI", "e", "exec")),
          Map.entry("ghci", of("", "e")),
          Map.entry("raku", of("I", "e")),
          Map.entry("luajit", of("l", "e")),
          Map.entry("gjs", of("I", "c")),
          Map.entry("janet", of("", "e")),
          Map.entry("iex", of("Sr", "e", "eval")),
          Map.entry("octave", of("p", "eval")),
          Map.entry("tclsh", of("")),
          Map.entry("php", of("cdzt", "r", "B", "R", "E", "run").or("S", "f", "m", "i", "ini")),
          Map.entry("lua", of("l", "e")),
          Map.entry("julia", of("L", "e", "E", "eval", "print")),
          Map.entry("groovy", of("D", "e")),
          Map.entry("elixir", of("Sr", "e", "eval")),
          Map.entry("rscript", of("", "e")),
          Map.entry("osascript", of("l", "e")));

  /** Long options with a value that stands behind them and is no script. */
  private static final Set<String> WITH_VALUE =
      Set.of("--require", "--import", "--loader", "--experimental-loader", "--conditions");

  static final String IN_AWK = "(?s).*(system *\\(|\\|).*";

  /** A mark of exclamation behind a letter only says that it is meant, but for that of reading. */
  static final String IN_VIM =
      "(?s)(.*[^A-Za-z])?(r|re|rea|read)?!.*"
          + "|.*(system|systemlist|job_?start|term_?start|termopen|libcall|libcallnr) *\\(.*"
          + "|(.*\\|)?[\\s:+]*(ter[a-z]*|lua[a-z]*|py[a-z0-9]*|rub[a-z]*|pe|per[a-z]*|tcl[a-z]*|mz[a-z]*)"
          + "[ \\t]+.*";

  private static final String IN_MYSQL = "(?s)(.*;\\s*)?(\\\\!|system\\s).*";

  /** Programs whose text in an argument may run others, and how it then looks. */
  private static final Map<String, String> TELLING =
      Map.ofEntries(
          Map.entry("awk", IN_AWK),
          Map.entry("gawk", IN_AWK),
          Map.entry("mawk", IN_AWK),
          Map.entry("nawk", IN_AWK),
          Map.entry("original-awk", IN_AWK),
          Map.entry("goawk", IN_AWK),
          Map.entry("m4", "(?s)-D.*\\be?syscmd\\b.*"),
          Map.entry("emacsclient", "(?s)(-e|--ev).*"),
          Map.entry("clojure", "-e|--eval"),
          Map.entry("clj", "-e|--eval"),
          Map.entry("mix", "(?s)(-e|--(rpc-)?eval).*"),
          Map.entry("crystal", "eval"),
          Map.entry("nim", "(?s)--eval.*"),
          Map.entry("kotlin", "-e|-expression"),
          Map.entry("kotlinc", "-e|-expression"),
          Map.entry("deno", "eval|-"),
          Map.entry("uv", "-"),
          Map.entry("rake", "(?s)-[eE].*|--execute.*"),
          Map.entry("emacs", "(?s)--?(eval|execute).*"),
          Map.entry("erl", "-eval|-run"),
          Map.entry("mongosh", "(?s)--eval.*"),
          Map.entry("mongo", "(?s)--eval.*"),
          Map.entry("gdb", "(?s)(shell|python|pipe|make|!|\\|).*"),
          Map.entry("lldb", "(?s)(platform shell|shell|script|command script).*"),
          Map.entry("psql", "(?s)(.*\\s)?\\\\(!|copy .* program|o *\\|).*"),
          Map.entry("sqlite3", "(?s)(.*\\n)?\\.(shell|system)\\b.*"),
          Map.entry("mysql", IN_MYSQL),
          Map.entry("mariadb", IN_MYSQL),
          Map.entry("cmd", "(?i)//?[ck].*"),
          Map.entry("jshell", "-"),
          Map.entry("powershell", "(?i)-(c|e|en|enc).*|-"),
          Map.entry("pwsh", "(?i)-(c|e|en|enc).*|-"),
          Map.entry("vi", IN_VIM),
          Map.entry("vim", IN_VIM),
          Map.entry("nvim", IN_VIM),
          Map.entry("ex", IN_VIM),
          Map.entry("view", IN_VIM),
          Map.entry("gvim", IN_VIM),
          Map.entry("rvim", IN_VIM),
          Map.entry("vimdiff", IN_VIM),
          Map.entry("less", "(?s)\\+.*[!|].*"),
          Map.entry("more", "(?s)\\+.*[!|].*"));

  private static Interpreter of(String valued, String... code) {
    return new Interpreter(Set.of(code), ABOUT, valued);
  }

  private Interpreter or(String... more) {
    Set<String> all = new HashSet<>(ABOUT);
    all.addAll(List.of(more));
    return new Interpreter(code, Set.copyOf(all), valued);
  }

  /** {@return whether a program runs code of a language} */
  static boolean isOne(String program) {
    return language(program) != null;
  }

  /** {@return why it is not known what a program does, if it has code among its arguments} */
  static Optional<String> code(String program, List<String> words) {
    Interpreter interpreter = language(program);
    return interpreter == null
        ? Optional.empty()
        : interpreter
            .doubtOf(program, words.subList(1, words.size()))
            .filter(why -> !why.equals(READS.formatted(program)));
  }

  private static @Nullable Interpreter language(String program) {
    return ALL.get(program.replaceFirst("[0-9.]+$", ""));
  }

  /** {@return why it is not known what a program does with these arguments, if so} */
  static Optional<String> doubt(String program, List<String> words) {
    List<String> arguments = words.subList(1, words.size());
    String telling = TELLING.get(program);
    if (telling != null && arguments.stream().anyMatch(word -> word.matches(telling))) {
      return Optional.of("it has code of " + program + " in an argument");
    }
    if (program.equals("sed") && SedScript.runs(arguments)
        || program.equals("rails") && hasRails(arguments)
        || program.equals("powershell") && hasCommands(arguments)) {
      return Optional.of("it has code of " + program + " in an argument");
    }
    Interpreter interpreter = language(program);
    return interpreter == null ? Optional.empty() : interpreter.doubtOf(program, arguments);
  }

  /** A runner is told a file, or code. */
  private static boolean hasRails(List<String> arguments) {
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i).matches("r|runner")) {
        int at = i + 1;
        while (at < arguments.size()
            && arguments.get(at).startsWith("-")
            && at + 1 < arguments.size()) {
          at += arguments.get(at).matches("-e|--environment") ? 2 : 1;
        }
        return at >= arguments.size() || !arguments.get(at).matches("[\\w./@-]*\\w\\.rb");
      } else if (!arguments.get(i).startsWith("-")) {
        return false;
      }
    }
    return false;
  }

  /** It takes words that are no script for commands. */
  private static boolean hasCommands(List<String> arguments) {
    return arguments.stream().noneMatch(word -> word.matches("(?is)-f(i|il|ile)?|[^\\s]*\\.ps1"))
        && arguments.stream().anyMatch(word -> !word.startsWith("-"));
  }

  private Optional<String> doubtOf(String program, List<String> arguments) {
    for (int i = 0; i < arguments.size(); i++) {
      String word = arguments.get(i);
      if (!word.startsWith("-") || Programs.isInput(word)) {
        return Programs.isInput(word) ? reads(program) : Optional.empty();
      }
      if (WITH_VALUE.contains(word)) {
        i++;
        continue;
      }
      String module = word.endsWith("m") && i + 1 < arguments.size() ? arguments.get(i + 1) : "";
      if (other.contains("m") && (word.endsWith("mtimeit") || module.equals("timeit"))) {
        return Optional.of("it has code of " + program + " in an argument");
      }
      for (String option : options(word)) {
        if (code.contains(option)) {
          return Optional.of("it has code of " + program + " in an argument");
        } else if (other.contains(option)) {
          return Optional.empty();
        } else if (option.length() == 1 && valued.contains(option)) {
          i += word.endsWith(option) ? 1 : 0;
          break;
        }
      }
    }
    return reads(program);
  }

  private static Optional<String> reads(String program) {
    return Optional.of(READS.formatted(program));
  }

  private static List<String> options(String word) {
    return word.startsWith("--")
        ? List.of(word.substring(2).split("=", 2)[0])
        : List.of(word.substring(1).split(""));
  }
}
