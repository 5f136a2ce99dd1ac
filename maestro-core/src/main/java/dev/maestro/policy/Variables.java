package dev.maestro.policy;

import java.util.regex.Pattern;

/**
 * Variables of the environment that other programs run.
 *
 * <p>Those that name a file of code ({@code BASH_ENV}, {@code LD_PRELOAD}, {@code NODE_OPTIONS})
 * are no more known than a script is.
 */
final class Variables {

  /** Their values are a program with arguments, to which whoever runs it adds some. */
  private static final Pattern PROGRAM =
      Pattern.compile(
          "(.*_)?(PAGER|EDITOR|VISUAL|ASKPASS|BROWSER|RSH|SSH_COMMAND)|GIT_SSH|SVN_SSH"
              + "|GIT_EXTERNAL_DIFF|GIT_PROXY_COMMAND|FCEDIT|PROMPT_COMMAND|LESSOPEN|LESSCLOSE"
              + "|RUSTC(_WORKSPACE)?_WRAPPER|.*_COMPILER_LAUNCHER");

  /** Their values are a shell. */
  private static final Pattern SHELL =
      Pattern.compile("SHELL|MAKESHELL|CONFIG_SHELL|(?i:npm_config_script_shell)");

  /** Their values hold code or options that make a program run something, if they look so. */
  private static final Pattern CODE =
      Pattern.compile(
          "(?s)(PERL5DB|GIT_CONFIG_PARAMETERS)=.+"
              + "|(GNU)?MAKEFLAGS=.*(eval|-E|SHELL).*"
              + "|TAR_OPTIONS=.*(command|exec|script|program|-I|-F).*");

  private static final Pattern GIT_KEY = Pattern.compile("GIT_CONFIG_KEY_[0-9]+");

  private Variables() {}

  /** {@return whether another program takes the value of this variable for a command} */
  static boolean namesProgram(String name) {
    return PROGRAM.matcher(name).matches();
  }

  /** {@return whether another program takes the value of this variable for a shell} */
  static boolean namesShell(String name) {
    return SHELL.matcher(name).matches();
  }

  /** {@return whether it is not known what another program does because of this variable} */
  static boolean isCode(String name, String value) {
    return CODE.matcher(name + "=" + value).matches()
        || GIT_KEY.matcher(name).matches()
            && (Words.isUnknown(value) || GitRuns.isRun(value) || GitRuns.isProgram(value));
  }
}
