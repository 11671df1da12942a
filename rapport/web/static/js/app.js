// The entry: every behaviour is a custom element or a listener of its own module.
import "rapport/live-updates";
import "rapport/live-rows";
import "rapport/hot-keys";
import "rapport/key-sheet";
import "rapport/go-palette";
import "rapport/submit-once";
import "rapport/comfort-form";
import "rapport/local-time";
import "rapport/undo-bars";
import "rapport/composer-box";
import "rapport/menus";
import "rapport/security-key";
import "rapport/zone-guess";
import "rapport/copy-text";
import "rapport/hue-sample";
import "rapport/first-fault";
