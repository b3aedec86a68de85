/** Menus as data: nothing is drawn, and a test clicks an item by its id. Accelerators do nothing here. */
interface Template {
  readonly id?: string;
  readonly label?: string;
  readonly role?: string;
  readonly type?: string;
  readonly enabled?: boolean;
  readonly accelerator?: string;
  readonly submenu?: readonly Template[];
  readonly click?: (item: MenuItem) => void;
}

export class MenuItem {
  readonly id: string | undefined;
  readonly label: string;
  readonly role: string | undefined;
  readonly type: string;
  readonly enabled: boolean;
  readonly accelerator: string | undefined;
  readonly submenu: Menu | undefined;
  private readonly clicked: ((item: MenuItem) => void) | undefined;

  constructor(template: Template) {
    const { id, label, role, type, enabled = true, accelerator, submenu, click } = template;
    if (label === undefined && role === undefined && type !== 'separator')
      throw new TypeError(`Unable to add item to menu: it has no label, role or type: ${JSON.stringify(template)}`);
    this.id = id;
    this.label = label ?? role ?? '';
    this.role = role;
    this.type = type ?? (submenu ? 'submenu' : 'normal');
    this.enabled = enabled;
    this.accelerator = accelerator;
    this.submenu = submenu && Menu.buildFromTemplate(submenu);
    this.clicked = click;
  }
  click(): void {
    if (this.enabled) this.clicked?.(this);
  }
}

export class Menu {
  private static applicationMenu: Menu | null = null;

  private constructor(readonly items: readonly MenuItem[]) {}

  static buildFromTemplate(template: readonly Template[]): Menu {
    return new Menu(template.map((item) => new MenuItem(item)));
  }
  static setApplicationMenu(menu: Menu | null): void {
    Menu.applicationMenu = menu;
  }
  static getApplicationMenu(): Menu | null {
    return Menu.applicationMenu;
  }
  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id);
      if (found) return found;
    }
    return null;
  }
}
