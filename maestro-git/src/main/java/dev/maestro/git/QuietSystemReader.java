package dev.maestro.git;

import java.io.File;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;

/**
 * Keeps JGit from writing below the user's home and from starting programs.
 *
 * <p>Left alone, JGit measures a file system on first use and writes the result to the user's
 * configuration, and asks an installed git where the system's configuration is. JGit has one such
 * reader a JVM: one that the host application put there is never replaced.
 */
final class QuietSystemReader extends SystemReader.Delegate {

  private QuietSystemReader(SystemReader standard) {
    super(standard);
  }

  static void install() {
    SystemReader present = SystemReader.getInstance();
    if (present.getClass().getEnclosingClass() == SystemReader.class) {
      SystemReader.setInstance(new QuietSystemReader(present));
    }
  }

  @Override
  public FileBasedConfig openSystemConfig(Config parent, FS fs) {
    File system = new File("/etc/gitconfig");
    boolean wanted = getenv("GIT_CONFIG_NOSYSTEM") == null && system.isFile();
    return wanted ? new FileBasedConfig(parent, system, fs) : new Absent(parent, fs);
  }

  @Override
  public FileBasedConfig openJGitConfig(Config parent, FS fs) {
    File users = super.openJGitConfig(parent, fs).getFile();
    return users.isFile() ? new ReadOnly(parent, users, fs) : new Absent(parent, fs);
  }

  /** A file that is read and never written. */
  private static class ReadOnly extends FileBasedConfig {

    ReadOnly(Config parent, File file, FS fs) {
      super(parent, file, fs);
    }

    @Override
    public void save() {
      // what JGit learned stays in memory
    }
  }

  /** A file that is not there, whatever JGit would like to put into it. */
  private static final class Absent extends ReadOnly {

    Absent(Config parent, FS fs) {
      super(parent, new File(""), fs);
    }

    @Override
    public void load() {
      // nothing to load
    }

    @Override
    public boolean isOutdated() {
      return false;
    }
  }
}
