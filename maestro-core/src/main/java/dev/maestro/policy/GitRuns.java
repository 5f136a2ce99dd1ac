package dev.maestro.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What git would run of what it is told: by settings, by options of its commands, by addresses. */
final class GitRuns {

  /** Settings that make it run something, or read more settings. */
  private static final Pattern RUN =
      Pattern.compile(
          "(alias|filter|credential|remote|url|protocol|include|includeif|sendemail|browser|man)"
              + "\\..*"
              + "|.*\\.(program|helper|[a-z]*command|cmd|driver|textconv|process|update|path)"
              + "|core\\.(gitproxy|askpass|fsmonitor|hookspath)"
              + "|(diff\\.external|uploadpack\\.packobjectshook|init\\.templatedir)"
              + "|interactive\\.difffilter|help\\.autocorrect|web\\.browser");

  /** Settings whose value is a program that shows a text, or changes one. */
  private static final Pattern PROGRAM =
      Pattern.compile("core\\.(pager|editor)|sequence\\.editor|pager\\..*");

  /** Where git looks, which it may be told to keep, as by {@code git remote}. */
  private static final Pattern ADDRESSES = Pattern.compile("(?i)(remote|url)\\..*");

  private static final Set<String> CONFIG_OPTIONS_WITH_VALUE =
      Set.of("-f", "--file", "--blob", "--type", "--comment", "--default", "--value");

  private static final Set<String> UNSETS =
      Set.of(
          "get",
          "list",
          "unset",
          "edit",
          "get-all",
          "get-regexp",
          "get-urlmatch",
          "unset-all",
          "remove-section",
          "rename-section");

  /** Commands with options whose value is a text for a shell. */
  private static final Map<String, TextOptions> OPTIONS =
      Map.ofEntries(
          Map.entry("fetch", TextOptions.named("upload-pack")),
          Map.entry("pull", TextOptions.named("upload-pack")),
          Map.entry("clone", TextOptions.named("upload-pack").orShort("u", "obcj")),
          Map.entry("ls-remote", TextOptions.named("upload-pack", "exec")),
          Map.entry("fetch-pack", TextOptions.named("upload-pack", "exec")),
          Map.entry("push", TextOptions.named("receive-pack", "exec")),
          Map.entry("send-pack", TextOptions.named("receive-pack", "exec")),
          Map.entry("archive", TextOptions.named("exec")),
          Map.entry("rebase", TextOptions.named("exec").orShort("x", "sXCS")),
          Map.entry("grep", TextOptions.named("open-files-in-pager").orShort("O", "efABCm")),
          Map.entry("difftool", TextOptions.named("extcmd").orShort("x", "tOSGU")),
          Map.entry("instaweb", TextOptions.named("httpd", "browser").orShort("db", "pm")));

  private final List<String> texts = new ArrayList<>();
  private Optional<String> doubt = Optional.empty();

  private GitRuns() {}

  /**
   * {@return what it would run}
   *
   * @param told git with its arguments
   */
  static GitRuns of(Words told) {
    GitRuns runs = new GitRuns();
    List<String> words = told.all();
    runs.settings(words);
    List<String> own = told.own();
    if (!own.isEmpty()) {
      runs.command(own.get(0), own.subList(1, own.size()));
    }
    words.stream().filter(word -> word.startsWith("ext::")).forEach(runs::external);
    return runs;
  }

  /** {@return texts for a shell} */
  List<String> texts() {
    return texts;
  }

  /** {@return why it is not known what it would run, if so} */
  Optional<String> doubt() {
    return doubt;
  }

  /** {@return whether a setting of this name makes git run something} */
  static boolean isRun(String key) {
    return RUN.matcher(key.toLowerCase(Locale.ROOT)).matches();
  }

  /** {@return whether the value of a setting of this name is a program that shows a text} */
  static boolean isProgram(String key) {
    return PROGRAM.matcher(key.toLowerCase(Locale.ROOT)).matches();
  }

  /** Settings for this call, which stand before the command. */
  private void settings(List<String> words) {
    for (int i = 1; i < words.size() && words.get(i).startsWith("-"); i++) {
      String option = words.get(i);
      if (option.startsWith("--config-env")) {
        doubt = Optional.of("a setting of git is known only when it runs");
      } else if (option.startsWith("--exec-path=")) {
        doubt = Optional.of("git takes its commands from elsewhere");
      } else if (option.equals("-c") && i + 1 < words.size()) {
        setting(words.get(i + 1));
      }
      i += Words.takesNext(option) ? 1 : 0;
    }
  }

  private void setting(String setting) {
    int at = setting.indexOf('=');
    if (at < 0 && Words.isUnknown(setting)) {
      doubt = Optional.of("a setting of git is known only when it runs");
    } else if (at >= 0) {
      setting(setting.substring(0, at), setting.substring(at + 1));
    }
  }

  private void setting(String key, String value) {
    if (isProgram(key)) {
      texts.add(value);
    } else if (isRun(key) || Words.isUnknown(key)) {
      doubt = Optional.of("a setting of git may run something");
      if (value.startsWith("!")) {
        texts.add(value.substring(1));
      } else if (key.toLowerCase(Locale.ROOT).startsWith("alias.")) {
        texts.add("git " + value);
      }
    }
  }

  private void command(String command, List<String> words) {
    TextOptions options = OPTIONS.get(command);
    if (options != null) {
      texts.addAll(options.in(words));
    }
    if (command.equals("config")) {
      config(words);
    } else if (command.equals("filter-branch")) {
      texts.addAll(TextOptions.ending("-filter").in(words));
    } else if (command.equals("clone")) {
      TextOptions.named("config").orShort("c", "obuj").in(words).forEach(this::setting);
    }
  }

  /** What is kept for later calls. */
  private void config(List<String> words) {
    List<String> operands = new ArrayList<>();
    boolean sets = true;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (CONFIG_OPTIONS_WITH_VALUE.contains(word)) {
        i++;
      } else if (word.startsWith("-") && word.length() > 1) {
        sets &= !UNSETS.contains(word.replaceFirst("^-+", "")) && !word.equals("-l");
      } else {
        operands.add(word);
      }
    }
    sets &= operands.isEmpty() || !UNSETS.contains(operands.get(0));
    int key = !operands.isEmpty() && operands.get(0).equals("set") ? 1 : 0;
    if (sets && operands.size() > key + 1 && !ADDRESSES.matcher(operands.get(key)).matches()) {
      setting(operands.get(key), operands.get(key + 1));
    }
  }

  /** An address that is a command, with {@code %} before what would end a word. */
  private void external(String address) {
    doubt = Optional.of("an address of git is a command");
    texts.add(address.substring("ext::".length()).replace("%", ""));
  }
}
